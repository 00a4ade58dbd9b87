"""What keeps full tuning from straying does what its formula says."""

from typing import Any

import pytest
import torch

from workbench.errors import SpecError
from workbench.events import Finished
from workbench.training.evaluate import labelled_logits
from workbench.training.regular import RADIUS, _shifted, _smoothness, distance
from workbench.training.step import take_step


def gradients(run: Any) -> dict[str, torch.Tensor]:
    """What one step leaves on the weights before it moves them."""
    kept: dict[str, torch.Tensor] = {}
    run.optimizer.step = lambda: kept.update({n: p.grad.clone() for n, p in run.tuned.movable.items()})
    take_step(run, next(run.batches()), 1e-3)
    return kept


def strayed(run: Any) -> Any:
    noise = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for weight in run.tuned.movable.values():
            weight.add_(0.05 * torch.randn(weight.shape, generator=noise))
    return run


def test_l2_sp_pulls_each_weight_towards_its_start(build: Any, base: Any) -> None:
    plain, pulled = strayed(build("full", clip=0.0)), strayed(build("full:l2_sp=0.5", clip=0.0))
    start = dict(base.model.named_parameters())
    expected = {
        name: gradient + 0.5 * (plain.tuned.movable[name] - start[name]) for name, gradient in gradients(plain).items()
    }
    for name, gradient in gradients(pulled).items():
        torch.testing.assert_close(gradient, expected[name], rtol=1e-4, atol=1e-6)


def test_the_loss_that_is_told_has_no_pull_in_it(build: Any) -> None:
    plain, pulled = strayed(build("full")), strayed(build("full:l2_sp=9"))
    batch = next(plain.batches())
    assert take_step(plain, batch, 1e-3)[0] == pytest.approx(take_step(pulled, batch, 1e-3)[0], rel=1e-6)


def test_a_penalty_of_a_method_moves_what_it_is_about_and_is_not_told(build: Any) -> None:
    free, pressed = build("diff_pruning:penalty=0", clip=0.0), build("diff_pruning:penalty=9", clip=0.0)
    batch = next(free.batches())
    assert take_step(free, batch, 1e-3)[0] == pytest.approx(take_step(pressed, batch, 1e-3)[0], rel=1e-6)
    without, moved = gradients(build("diff_pruning:penalty=0", clip=0.0)), gradients(build("diff_pruning", clip=0.0))
    for name, gradient in moved.items():
        if not name.endswith("_diff"):  # all entries are zero, so the loss itself does not ask for any gate
            assert not without[name].any() and (gradient > 0).all()


def test_mixout_takes_a_share_of_the_numbers_from_the_base(build: Any) -> None:
    """At the start both are the same numbers, so the gradient of a number is nothing or made up for the others."""
    plain, mixed = gradients(build("full", clip=0.0)), gradients(build("full:mixout=0.75", clip=0.0))
    taken = total = 0
    for name, gradient in mixed.items():
        is_base = gradient == 0
        torch.testing.assert_close(gradient[~is_base], 4 * plain[name][~is_base], rtol=1e-3, atol=1e-6)
        moved = plain[name] != 0
        taken, total = taken + int((is_base & moved).sum()), total + int(moved.sum())
    assert taken / total == pytest.approx(0.75, abs=0.02)


def test_after_a_step_with_mixout_the_weights_are_whole_again(build: Any) -> None:
    run = strayed(build("full:mixout=0.5"))
    before = {name: weight.detach().clone() for name, weight in run.tuned.movable.items()}
    gradients(run)
    assert all(torch.equal(before[name], weight) for name, weight in run.tuned.movable.items())


def test_distance_is_both_divergences_together() -> None:
    one, other = torch.randn(2, 5, 9, generator=torch.Generator().manual_seed(0))
    p, q = one.softmax(-1), other.softmax(-1)
    expected = ((p - q) * (p / q).log()).sum(-1).mean()
    torch.testing.assert_close(distance(one, other), expected)
    torch.testing.assert_close(distance(one, other), distance(other, one))
    assert float(distance(one, one)) == pytest.approx(0, abs=1e-6)


def test_adamix_asks_two_draws_for_the_same_answer(build: Any) -> None:
    run = strayed(build("adamix:adapters=8:consistency=0.7", clip=0.0))
    (batch,) = next(run.batches())
    with run.randomness.lent():
        before = torch.get_rng_state()
        first, second = labelled_logits(run.tuned.model, batch), labelled_logits(run.tuned.model, batch)
        torch.set_rng_state(before)  # the step draws the same once more
    p, q = first.softmax(-1), second.softmax(-1)
    apart = ((p - q) * (p / q).log()).sum(-1).mean()
    entropy = torch.nn.functional.cross_entropy(first, batch.labels)
    named, kept = run.tuned.movable, {}
    found = torch.autograd.grad(entropy + 0.7 / 2 * apart, list(named.values()), allow_unused=True)
    run.optimizer.step = lambda: kept.update({name: weight.grad for name, weight in named.items()})
    assert take_step(run, [batch], 1e-3)[0] == pytest.approx(float(entropy.detach()), rel=1e-5)
    for name, gradient in zip(named, found, strict=True):
        if gradient is None:  # an adapter that was not drawn learns nothing
            assert kept[name] is None
        else:
            torch.testing.assert_close(kept[name], gradient, rtol=1e-4, atol=1e-6)
    assert any(gradient is None for gradient in found) and float(apart.detach()) > 1e-6


def test_smart_finds_a_worse_direction_than_chance(build: Any) -> None:
    run = build("full:smart=1")
    (batch,) = next(run.batches())
    model = run.tuned.model.eval()
    logits = labelled_logits(model, batch)
    table = model.get_input_embeddings()
    reach = RADIUS * float(table.weight.detach().std())
    by_chance = []
    for seed in range(5):
        noise = torch.rand((*batch.ids.shape, 32), generator=torch.Generator().manual_seed(seed))
        with _shifted(table, reach * (2 * noise - 1)), torch.no_grad():
            by_chance.append(float(distance(logits, labelled_logits(model, batch))))
    assert float(_smoothness(model, batch, logits).detach()) > 2 * max(by_chance) > 0


@pytest.mark.parametrize("knob", ["l2_sp=0.1", "mixout=0.5", "smart=1"])
def test_a_regularised_run_ends_and_goes_on_as_if_it_had_not_stopped(
    knob: str, hold: Any, spec: Any, store: Any, curve: Any
) -> None:
    whole = store()
    through = hold(spec(f"full:{knob}", steps=4, checkpoint_every=2), stores=[whole])["full"]
    resumed = hold(spec(f"full:{knob}", steps=4, checkpoint_every=2), stores=[store(whole.states[2])])["full"]
    assert isinstance(through[-1], Finished)
    assert curve(through)[2:] == curve(resumed)


@pytest.mark.parametrize("kind", ["bert", "t5"])
def test_smart_moves_what_other_kinds_of_models_read(
    kind: str, build: Any, hold: Any, spec: Any, request: pytest.FixtureRequest
) -> None:
    base = request.getfixturevalue(kind)
    run = strayed(build("full:smart=1", on=base, task="low"))
    (batch,) = next(run.batches())
    model = run.tuned.model.eval()
    assert float(_smoothness(model, batch, labelled_logits(model, batch)).detach()) > 0
    assert isinstance(hold(spec("full:smart=1", task="low"), on=base)["full"][-1], Finished)


def test_r_drop_needs_dropout_and_uses_it(hold: Any, spec: Any, gpt2: Any, base: Any, curve: Any) -> None:
    with pytest.raises(SpecError, match="which has no dropout"):
        hold(spec("full:r_drop=1"), on=base)
    plain, dropped = (hold(spec(f"full:r_drop={weight}"), on=gpt2)["full"] for weight in (0, 2))
    assert isinstance(dropped[-1], Finished)
    assert curve(plain) != curve(dropped)
