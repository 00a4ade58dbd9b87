"""Races made by hand, whose every number is known."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from workbench.events import Evaluated, Event, Failed, Finished, Measured, Sampled, Started, Stepped
from workbench.history import History, fold
from workbench.views.colour import styles
from workbench.views.contract import ShownRun

MakeRun = Callable[..., ShownRun]


def events(run: str, trainable: int, losses: list[float], base_losses: list[float], steps: int) -> Iterator[Event]:
    """A run with evaluations spread over its steps and one training step at each."""
    counts = {"trainable": trainable, "added": trainable, "total": 1000 + trainable, "percent": trainable / 10}
    yield Started(run, 0, steps=steps if trainable else 0, counts=counts, device="cpu", precision="float32")
    seq = 1
    for place, (loss, base_loss) in enumerate(zip(losses, base_losses, strict=True)):
        step = steps * place // max(1, len(losses) - 1) if trainable else 0
        if step:
            yield Stepped(run, seq, step, place, loss=loss + 0.1, tokens=100, tokens_per_second=50.0)
        yield Evaluated(run, seq + 1, step, place, loss=loss, base_loss=base_loss, scores={"accuracy": 1 / (1 + loss)})
        sample = {"prompt": f"say {trainable}", "text": f"text at {step}", "target": "hello"}
        yield Sampled(run, seq + 2, step, place, samples=(sample,))
        movement = {"embedding": 0.0, "block 0": 0.25 * place}
        yield Measured(run, seq + 3, step, place, peak_memory_bytes=2 * 1024**2 + trainable, movement=movement)
        seq += 4
    yield Finished(run, seq, steps if trainable else 0, len(losses))


@pytest.fixture
def make_run() -> MakeRun:
    """Make one shown run; the place decides its look."""

    def make(
        label: str = "lora",
        trainable: int = 10,
        losses: tuple[float, ...] = (2.0, 1.0),
        base_losses: tuple[float, ...] = (0.5, 0.5),
        steps: int = 10,
        place: int = 0,
        failure: str = "",
        **more: Any,
    ) -> ShownRun:
        history = fold(events(label, trainable, list(losses), list(base_losses)[: len(losses)], steps), History(label))
        if failure:
            fold([Failed(label, history.seq + 1, history.step, error=failure, hint="Try less.")], history)
        method = label.split(":")[0].split(",")[0]
        look = styles([place])[0]
        return ShownRun(label, method, look, history, "accuracy", method != "scratch", trainable > 0, **more)

    return make
