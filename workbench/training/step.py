"""One optimizer step, in each of the ways that a method may learn by."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from workbench.anatomy import LearnsBy
from workbench.training.batches import Batch
from workbench.training.evaluate import labelled_logits
from workbench.training.lomo import updating_at_once
from workbench.training.mezo import estimate_and_move
from workbench.training.optimizer import clip_gradients, set_rate
from workbench.training.regular import mixed_out, regular_loss
from workbench.training.search import exchange_one

if TYPE_CHECKING:
    from workbench.training.build import Run

Step = Callable[["Run", list[Batch], float], tuple[float, float]]


def take_step(run: "Run", batch: list[Batch], rate: float) -> tuple[float, float]:
    """One step on all parts of a batch: mean loss in nats per target token, and gradient norm."""
    with run.randomness.for_a_step(), run.memory.watching(batch, run.tuned.movable.values()):
        return STEPS[run.checked.anatomy.learns_by](run, batch, rate)


def _adamw(run: "Run", batch: list[Batch], rate: float) -> tuple[float, float]:
    movable = list(run.tuned.movable.values())
    set_rate(run.optimizer, rate)
    total = _backward(run, batch)
    norm = clip_gradients(run.optimizer, movable, run.checked.spec.budget.clip or math.inf)
    run.optimizer.step()
    for parameter in movable:
        parameter.grad = None
    mean, size = torch.stack([total, norm]).tolist()  # the step's only wait for a GPU
    return mean, size


def _lomo(run: "Run", batch: list[Batch], rate: float) -> tuple[float, float]:
    limit = run.checked.spec.budget.clip or math.inf
    with updating_at_once(run.tuned.movable.values(), rate, limit) as squares:
        total = _backward(run, batch)
    return float(total), math.sqrt(float(sum(squares)))


def _mezo(run: "Run", batch: list[Batch], rate: float) -> tuple[float, float]:
    return estimate_and_move(run, lambda: float(_summed(run, batch)), rate)


def _search(run: "Run", batch: list[Batch], rate: float) -> tuple[float, float]:
    total = _backward(run, batch)
    (vectors,) = run.tuned.movable.values()
    slope, vectors.grad = vectors.grad, None
    assert slope is not None  # the vectors stand before every text
    exchange_one(run, slope, lambda: float(_summed(run, batch)))
    return float(total), float(torch.linalg.vector_norm(slope))


STEPS: dict[LearnsBy, Step] = {"adamw": _adamw, "lomo": _lomo, "mezo": _mezo, "search": _search}


def _backward(run: "Run", batch: list[Batch]) -> torch.Tensor:
    """The loss of a batch, its gradients left on the weights; what regularises is not in the loss that is told.

    Each part is divided by the targets of the whole batch, so parts add up to what the unsplit batch gives.
    """
    total = torch.zeros((), device=run.bench.device.place)
    targets = _targets(batch)
    with mixed_out(run):
        for part in batch:
            with run.bench.device.autocast():
                loss, added = regular_loss(run, part)
            loss = loss / targets
            (loss + added * part.targets / targets).backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
    return total


def _summed(run: "Run", batch: list[Batch]) -> torch.Tensor:
    """The same loss without gradients, in full precision: a small difference of two of them must mean something."""
    parts = [run.checked.objective.loss(labelled_logits(run.tuned.model, part), part.labels).double() for part in batch]
    return torch.stack(parts).sum() / _targets(batch)


def _targets(batch: list[Batch]) -> int:
    return max(1, sum(part.targets for part in batch))
