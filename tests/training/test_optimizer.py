import pytest
import torch
from torch import nn

from workbench.spec import Budget
from workbench.training.optimizer import build_optimizer, clip_gradients, rate_factor, set_rate


def factors(schedule, steps, warmup):
    budget = Budget(steps=steps, schedule=schedule, warmup=warmup)
    return [rate_factor(step, budget) for step in range(steps)]


def test_constant_rises_and_stays():
    assert factors("constant", 5, 0.4) == pytest.approx([0.5, 1, 1, 1, 1])


def test_linear_falls_towards_zero():
    assert factors("linear", 5, 0.2) == pytest.approx([1, 1, 0.75, 0.5, 0.25])


def test_cosine_is_at_half_height_half_way():
    assert factors("cosine", 4, 0.0) == pytest.approx([1, 0.853553, 0.5, 0.146447], abs=1e-6)


def test_slanted_is_the_triangle_of_ulmfit():
    # Howard and Ruder's own symbols: T = 100, cut_frac = 0.1, ratio = 32, cut = 10.
    got = factors("slanted", 100, 0.1)
    for step, p in ((0, 0.0), (5, 0.5), (10, 1.0), (55, 1 - 45 / (10 * (1 / 0.1 - 1)))):
        assert got[step] == pytest.approx((1 + p * 31) / 32)


def test_a_step_is_the_step_of_plain_adamw():
    ours, theirs = (nn.Parameter(torch.tensor([[1.0, -2.0]])) for _ in range(2))
    optimizer = build_optimizer({"w": ours}, {}, weight_decay=0.1)
    reference = torch.optim.AdamW([theirs], lr=0.01, weight_decay=0.1, fused=False)
    for _ in range(3):
        ours.grad, theirs.grad = torch.tensor([[0.3, -0.1]]), torch.tensor([[0.3, -0.1]])
        set_rate(optimizer, 0.01)
        optimizer.step()
        reference.step()
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("limit", [0.05, 50.0])
def test_steps_with_clipping_are_those_of_torch(limit):
    draws = torch.Generator().manual_seed(0)
    ours = {name: nn.Parameter(torch.randn(4, 3, generator=draws)) for name in ("low", "late", "high")}
    ours["bias"] = nn.Parameter(torch.randn(3, generator=draws))
    theirs = {name: nn.Parameter(parameter.detach().clone()) for name, parameter in ours.items()}
    optimizer = build_optimizer(ours, {"low": 0.1}, weight_decay=0.1)
    reference = torch.optim.AdamW(
        [
            {"params": [theirs["low"]], "lr": 1e-3},
            {"params": [theirs["late"], theirs["high"]], "lr": 1e-2},
            {"params": [theirs["bias"]], "lr": 1e-2, "weight_decay": 0.0},
        ],
        weight_decay=0.1,
        fused=False,
    )
    for step in range(6):
        for name in ours if step > 2 else set(ours) - {"late"}:  # this one thaws in the fourth step
            ours[name].grad = torch.randn(ours[name].shape, generator=draws)
            theirs[name].grad = ours[name].grad.clone()
        set_rate(optimizer, 1e-2)
        norm = clip_gradients(optimizer, list(ours.values()), limit)
        optimizer.step()
        torch.testing.assert_close(norm, nn.utils.clip_grad_norm_(theirs.values(), limit))
        reference.step()
        for name in ours:
            torch.testing.assert_close(ours[name], theirs[name])
            assert set(optimizer.state[ours[name]]) == set(reference.state[theirs[name]])


def test_a_parameter_has_its_own_factor_on_the_rate_and_vectors_do_not_decay():
    movable = {
        "low": nn.Parameter(torch.ones(2, 2)),
        "high": nn.Parameter(torch.ones(2, 2)),
        "bias": nn.Parameter(torch.ones(2)),
    }
    optimizer = build_optimizer(movable, {"low": 0.1}, weight_decay=0.5)
    set_rate(optimizer, 1e-3)
    by_weight = {id(p): group for group in optimizer.param_groups for p in group["params"]}
    groups = {name: by_weight[id(parameter)] for name, parameter in movable.items()}
    assert {name: group["lr"] for name, group in groups.items()} == pytest.approx(
        {"low": 1e-4, "high": 1e-3, "bias": 1e-3}
    )
    assert {name: group["weight_decay"] for name, group in groups.items()} == {"low": 0.5, "high": 0.5, "bias": 0.0}


def test_a_weight_that_is_not_thawed_stays():
    frozen, moving = nn.Parameter(torch.ones(2), requires_grad=False), nn.Parameter(torch.ones(2))
    optimizer = build_optimizer({"frozen": frozen, "moving": moving}, {}, 0.0)
    set_rate(optimizer, 0.1)
    (moving.sum() + frozen.sum()).backward()
    optimizer.step()
    assert frozen.tolist() == [1, 1]
    assert moving.tolist() != [1, 1]
