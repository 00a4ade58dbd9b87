"""The training loop: everything that happens in a run, from the base model to the tuned one."""

import math
from collections.abc import Callable, Iterator
from time import perf_counter

import torch

from workbench.errors import DivergedError
from workbench.events import Checkpointed, Event, Finished, Started, Stepped, Stopped
from workbench.training.batches import Batch
from workbench.training.build import Run
from workbench.training.evaluate import labelled_logits
from workbench.training.look import look
from workbench.training.optimizer import clip_gradients, rate_factor, set_rate
from workbench.training.state import Store, capture


def run_loop(run: Run, store: Store | None, should_stop: Callable[[], bool]) -> Iterator[Event]:
    """Train the run step by step and yield what happens.

    Raises:
        DivergedError: the loss is no longer a number.
    """
    checked, budget, scribe = run.checked, run.checked.spec.budget, run.scribe
    yield scribe.event(
        Started,
        run.step,
        steps=budget.steps if checked.method.trains else 0,
        learning_rate=checked.learning_rate,
        counts=checked.counts,
        device=run.bench.device.place.type,
        precision=run.bench.device.precision,
        resumed_from=run.step,
        base_loss=run.bench.untouched.base_loss,
    )
    if run.step == 0:
        yield from look(run)

    for batch in run.batches() if checked.method.trains else ():
        checked.method.on_progress(run.tuned, run.step / budget.steps)
        began = perf_counter()
        rate = checked.learning_rate * rate_factor(run.step, budget)
        loss, norm = take_step(run, batch, rate)
        run.step += 1
        tokens = sum(part.tokens for part in batch)
        yield scribe.event(
            Stepped,
            run.step,
            loss=loss,
            gradient_norm=norm,
            learning_rate=rate,
            tokens=tokens,
            tokens_per_second=tokens / (perf_counter() - began),
        )
        if not math.isfinite(loss + norm):
            raise diverged(run.step, rate)
        yield from look(run)
        is_last, wants_stop = run.step == budget.steps, should_stop()
        if store and (run.step in budget.checkpoint_steps() or wants_stop):
            path = store.save_checkpoint(run.step, capture(run))
            yield scribe.event(Checkpointed, run.step, path=path)
        if wants_stop and not is_last:
            yield scribe.event(Stopped, run.step)
            return

    artifact = store.save_artifact(run.tuned, checked.method) if store else ""
    yield scribe.event(Finished, run.step, artifact=artifact)


def take_step(run: Run, batch: list[Batch], rate: float) -> tuple[float, float]:
    """One optimizer step on all parts of a batch: mean loss in nats per target token, and gradient norm.

    Each part is divided by the targets of the whole batch, so parts add up to what the unsplit batch gives.
    """
    objective, budget = run.checked.objective, run.checked.spec.budget
    targets = max(1, sum(part.targets for part in batch))
    movable = list(run.tuned.movable.values())
    total = torch.zeros((), device=run.bench.device.place)
    set_rate(run.optimizer, rate)
    with run.randomness.for_a_step(), run.memory.watching(batch, movable):
        for part in batch:
            with run.bench.device.autocast():
                logits = labelled_logits(run.tuned.model, part)  # (targets, vocab)
            loss = objective.loss(logits, part.labels) / targets
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        norm = clip_gradients(run.optimizer, movable, budget.clip or math.inf)
        run.optimizer.step()
    for parameter in movable:
        parameter.grad = None
    mean, size = torch.stack([total, norm]).tolist()  # the step's only wait for a GPU
    return mean, size


def diverged(step: int, rate: float) -> DivergedError:
    """The sentence for a loss or gradient that is no longer a number."""
    return DivergedError(
        f"The loss became NaN or infinite in step {step}, at a learning rate of {rate:.2g}.",
        f"Try a lower rate, {rate / 10:.1g} say, or a longer warm-up.",
    )
