"""The training loop: everything that happens in a run, from the base model to the tuned one."""

import math
from collections.abc import Callable, Iterator
from time import perf_counter

from workbench.errors import DivergedError
from workbench.events import Checkpointed, Event, Finished, Started, Stepped, Stopped
from workbench.training.build import Run
from workbench.training.look import look
from workbench.training.optimizer import rate_factor
from workbench.training.search import readable
from workbench.training.state import Store, capture
from workbench.training.step import take_step


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

    run.tuned.told = readable(run)
    artifact = store.save_artifact(run.tuned, checked.method) if store else ""
    yield scribe.event(Finished, run.step, artifact=artifact, words=run.tuned.told.get("words", ""))


def diverged(step: int, rate: float) -> DivergedError:
    """The sentence for a loss or gradient that is no longer a number."""
    return DivergedError(
        f"The loss became NaN or infinite in step {step}, at a learning rate of {rate:.2g}.",
        f"Try a lower rate, {rate / 10:.1g} say, or a longer warm-up.",
    )
