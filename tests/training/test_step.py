from copy import deepcopy

import pytest
import torch

from workbench.training.loop import take_step


def gradients(run, batch):
    """The gradients of one step, as clipped in the optimizer's step and before they are forgotten."""
    kept = {}
    step = run.optimizer.step
    run.optimizer.step = lambda: step() or kept.update({n: p.grad.clone() for n, p in run.tuned.movable.items()})
    loss, norm = take_step(run, batch, 1e-3)
    return loss, norm, kept


@pytest.mark.parametrize("method", ["full", "lora", "prompt"])
def test_a_split_batch_gives_the_gradient_of_the_whole(build, method):
    whole, split = build(method, clip=0.0, batch_size=8), build(method, clip=0.0, batch_size=8, accumulation=3)
    first, second = next(whole.batches()), next(split.batches())
    assert len(first) == 1 and len(second) == 3
    targets = [part.targets for part in second]
    assert len(set(targets)) > 1  # parts of unequal weight, which a mean of means would get wrong
    loss, norm, expected = gradients(whole, first)
    split_loss, split_norm, got = gradients(split, second)
    assert split_loss == pytest.approx(loss, rel=1e-5)
    assert split_norm == pytest.approx(norm, rel=1e-4)
    for name, gradient in expected.items():
        torch.testing.assert_close(got[name], gradient, rtol=1e-3, atol=1e-6)


def test_the_norm_is_that_of_all_gradients_before_clipping(build):
    run = build("full", clip=1e-3)
    _, norm, clipped = gradients(run, next(run.batches()))
    after = torch.stack([gradient.norm() for gradient in clipped.values()]).norm()
    assert norm > 1e-3
    assert float(after) == pytest.approx(1e-3, rel=1e-3)


def test_a_step_is_that_of_the_models_own_loss_with_plain_adamw(build, base):
    run = build("full", clip=0.0)
    (batch,) = next(run.batches())
    labels = torch.full(batch.ids.shape, -100)
    rows, columns = batch.places // batch.ids.shape[1], batch.places % batch.ids.shape[1]
    labels[rows, columns + 1] = batch.labels
    reference = deepcopy(base.model).requires_grad_(True).train()
    expected = reference(input_ids=batch.ids, attention_mask=(batch.ids != 0).long(), labels=labels).loss
    expected.backward()
    torch.optim.AdamW(reference.parameters(), lr=1e-3, weight_decay=0.0).step()
    loss, _ = take_step(run, [batch], 1e-3)
    assert loss == pytest.approx(float(expected.detach()), rel=1e-5)
    own = dict(run.tuned.model.named_parameters())
    for name, parameter in reference.named_parameters():
        torch.testing.assert_close(own[name], parameter, rtol=1e-4, atol=2e-5)


def test_a_step_leaves_no_gradients_behind(build):
    run = build("lora")
    take_step(run, next(run.batches()), 1e-3)
    assert all(parameter.grad is None for parameter in run.tuned.model.parameters())


def test_a_step_leaves_torchs_random_numbers_to_the_others(build, gpt2):
    run = build("full", on=gpt2)
    torch.manual_seed(0)
    before = torch.get_rng_state()
    take_step(run, next(run.batches()), 1e-3)
    assert torch.equal(before, torch.get_rng_state())
    assert not torch.equal(before, run.randomness.state)
