from copy import deepcopy
from itertools import islice

import pytest
import torch

from workbench.training.evaluate import at_rest, labelled_logits
from workbench.training.step import take_step


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


def test_lomo_steps_against_the_gradient_and_keeps_none(build, base):
    run = build("lomo", clip=0.0)
    (batch,) = next(run.batches())
    before = {name: weight.detach().clone() for name, weight in run.tuned.movable.items()}
    slopes = slopes_of(build("full"), batch)
    loss, norm = take_step(run, [batch], 0.1)
    for name, weight in run.tuned.movable.items():
        torch.testing.assert_close(weight.detach(), before[name] - 0.1 * slopes[name], rtol=1e-4, atol=1e-6)
        assert weight.grad is None
    assert norm == pytest.approx(float(torch.stack([slope.norm() for slope in slopes.values()]).norm()), rel=1e-4)
    assert not run.optimizer.state


def test_lomo_clips_each_tensor_for_itself(build):
    run = build("lomo", clip=1e-3)
    before = {name: weight.detach().clone() for name, weight in run.tuned.movable.items()}
    take_step(run, next(run.batches()), 1.0)
    lengths = [float((weight.detach() - before[name]).norm()) for name, weight in run.tuned.movable.items()]
    assert max(lengths) == pytest.approx(1e-3, rel=1e-2)


def test_mezo_estimates_the_slope_along_its_direction_and_steps_along_it(build):
    run = build("mezo")
    (batch,) = next(run.batches())
    before = {name: weight.detach().clone() for name, weight in run.tuned.movable.items()}
    slopes = slopes_of(build("full"), batch)
    loss, norm = take_step(run, [batch], 0.01)
    moved = {name: weight.detach() - before[name] for name, weight in run.tuned.movable.items()}
    # The step is -rate * slope * z, so what it does to the loss, to first order, is -rate * slope squared.
    gained = sum(float((slopes[name] * step).sum()) for name, step in moved.items())
    assert gained == pytest.approx(-0.01 * norm**2, rel=0.02)
    assert loss == pytest.approx(float(slopes_of.loss), rel=1e-3)
    assert all(weight.grad is None for weight in run.tuned.movable.values())


def test_mezo_needs_the_memory_of_answering(build):
    mezo, lomo, full = build("mezo"), build("lomo"), build("full")
    for run in (mezo, lomo, full):
        take_step(run, next(run.batches()), 1e-4)
    weights = 4 * mezo.checked.card.parameters
    assert mezo.memory.peak < 1.1 * weights < lomo.memory.peak < full.memory.peak


def test_a_search_exchanges_one_word_for_a_better_one_and_leaves_no_gradient(build):
    run = build("autoprompt:tokens=4:candidates=6")
    words = run.tuned.model.get_base_model().get_input_embeddings().weight
    (vectors,) = run.tuned.movable.values()
    trigger, exchanged = run.tuned.memory["trigger"], []
    for (batch,) in islice(run.batches(), 6):
        before, held = loss_at_rest(run, batch), trigger.clone()
        loss, norm = take_step(run, [batch], 1.0)
        run.step += 1
        assert loss == pytest.approx(before, rel=1e-5) and norm > 0 and vectors.grad is None
        exchanged.append(int((trigger != held).sum()))
        after = loss_at_rest(run, batch)
        assert after < before if exchanged[-1] else after == before
        torch.testing.assert_close(vectors.detach(), words[trigger])
    assert set(exchanged) <= {0, 1} and sum(exchanged) > 2
    assert not run.optimizer.state


def test_a_search_never_puts_a_special_token_before_the_text(build):
    run = build("autoprompt:tokens=2:candidates=40")
    for batch in islice(run.batches(), 5):
        take_step(run, batch, 1.0)
        run.step += 1
        assert not set(run.tuned.memory["trigger"].tolist()) & set(run.bench.base.tokenizer.all_special_ids)


def loss_at_rest(run, batch):
    with at_rest(run.tuned.model):
        return float(run.checked.objective.loss(labelled_logits(run.tuned.model, batch), batch.labels)) / batch.targets


def slopes_of(run, batch):
    """The gradients of the batch's loss at the run's weights, by name; the loss is kept beside."""
    logits = labelled_logits(run.tuned.model, batch)
    loss = run.checked.objective.loss(logits, batch.labels) / batch.targets
    slopes_of.loss = loss.detach()
    return dict(zip(run.tuned.movable, torch.autograd.grad(loss, list(run.tuned.movable.values())), strict=True))
