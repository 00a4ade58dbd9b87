"""Regularised tuning: what is added to a batch's loss, or done to the weights while it is computed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.functional import kl_div, log_softmax

from workbench.training.batches import Batch
from workbench.training.evaluate import labelled_logits
from workbench.training.progress import inner_model

if TYPE_CHECKING:
    from workbench.training.build import Run

# SMART's search, in standard deviations of the embeddings: noise to start from, and how far one step may go. The paper
# goes 1e-5 far, which half precision cannot tell from nothing.
NOISE, RADIUS = 1e-2, 1e-1


def regular_loss(run: "Run", batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """The summed loss of a batch in nats, and what is added for each of its targets."""
    regular, model = run.tuned.regular, run.tuned.model
    logits = labelled_logits(model, batch)  # (targets, vocab)
    loss = run.checked.objective.loss(logits, batch.labels)
    added = run.tuned.penalty().to(loss.device) if run.tuned.penalty else torch.zeros((), device=loss.device)
    if regular is None:
        return loss, added
    if regular.r_drop:
        again = labelled_logits(model, batch)  # with other units dropped
        loss = (loss + run.checked.objective.loss(again, batch.labels)) / 2
        added = added + regular.r_drop / 2 * distance(logits, again)
    if regular.consistency:
        again = labelled_logits(model, batch)  # through other adapters, drawn anew
        added = added + regular.consistency / 2 * distance(logits, again)
    if regular.smart:
        added = added + regular.smart * _smoothness(model, batch, logits)
    if regular.l2_sp:
        added = added + regular.l2_sp / 2 * sum((weight - start).square().sum() for weight, start in _with_starts(run))
    return loss, added


def distance(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Both Kullback-Leibler divergences of two tables of logits (targets, vocab) together, in nats a target."""
    p, q = log_softmax(one.float(), dim=-1), log_softmax(other.float(), dim=-1)
    there = kl_div(q, p, reduction="batchmean", log_target=True)
    return there + kl_div(p, q, reduction="batchmean", log_target=True)


def _smoothness(model: torch.nn.Module, batch: Batch, logits: torch.Tensor) -> torch.Tensor:
    """How far the answers move when the embeddings of the input do, by a little in the worst direction."""
    inner: Any = inner_model(model)
    table = (inner if batch.source is None else inner.get_encoder()).get_input_embeddings()
    shape = (*(batch.ids if batch.source is None else batch.source).shape, table.weight.shape[1])
    spread = float(table.weight.detach().std())
    shift = (NOISE * spread * torch.randn(shape, device=logits.device)).requires_grad_()
    with _shifted(table, shift):
        moved = distance(logits.detach(), labelled_logits(model, batch))
    (slope,) = torch.autograd.grad(moved, shift)
    worst = RADIUS * spread * slope / slope.abs().max().clamp(min=1e-12)
    with _shifted(table, worst):
        return distance(logits, labelled_logits(model, batch))


@contextmanager
def _shifted(table: torch.nn.Module, shift: torch.Tensor) -> Iterator[None]:
    """Within, the first thing that is looked up in the table comes out with the shift added."""
    calls: list[None] = []

    def add(module: torch.nn.Module, inputs: Any, out: torch.Tensor) -> torch.Tensor:
        calls.append(None)
        return out + shift.to(out.dtype) if len(calls) == 1 else out

    hook = table.register_forward_hook(add)
    try:
        yield
    finally:
        hook.remove()


def _with_starts(run: "Run") -> list[tuple[torch.nn.Parameter, torch.Tensor]]:
    """Each weight that moves with the base's own; what is new, as a classification head, has none to stay near."""
    starts = run.tuned.regular.start if run.tuned.regular else {}
    return [(weight, starts[name]) for name, weight in run.tuned.movable.items() if name in starts]


@contextmanager
def mixed_out(run: "Run") -> Iterator[None]:
    """Within, a share of all moving numbers is the base's, drawn anew; the others make up for it.

    The gradients that a backward pass leaves are those of the numbers that moved.
    """
    regular = run.tuned.regular
    if regular is None or not regular.mixout:
        yield
        return
    share, kept = regular.mixout, {}
    with torch.no_grad():
        for weight, start in _with_starts(run):
            own = (torch.rand_like(weight) >= share).to(weight.dtype) / (1 - share)
            kept[weight] = weight.clone(), own
            weight.copy_(start + own * (weight - start))
    try:
        yield
    finally:
        with torch.no_grad():
            for weight, (before, own) in kept.items():
                weight.copy_(before)
                if weight.grad is not None:
                    weight.grad.mul_(own)
