"""Runs of several races, made by hand."""

from collections.abc import Callable
from typing import Any

import pytest

from workbench.events import Evaluated, Finished, Measured, Sampled, Started, Stepped
from workbench.history import History, fold
from workbench.report import Race, shown
from workbench.spec import Budget, Choice, RunSpec


def history(run: str, loss: float, prompt: str = "describe Tom") -> History:
    counts = {"trainable": 123, "added": 123, "total": 5000, "percent": 2.46}
    sample = {"prompt": prompt, "target": "Tom is tall.", "text": f"words of {run}"}
    return fold(
        [
            Started(run, 0, steps=2, counts=counts, device="cpu", precision="float32", learning_rate=0.004),
            Evaluated(run, 1, loss=2.5, base_loss=0.5, scores={"slot_accuracy": 0.125}),
            Stepped(run, 2, 2, 0.5, loss=1.9, tokens=64, tokens_per_second=640.0),
            Evaluated(run, 3, 2, 1.25, loss=loss, base_loss=0.375, scores={"slot_accuracy": 0.875}),
            Sampled(run, 4, 2, 1.3, samples=(sample,)),
            Measured(run, 5, 2, 1.3, peak_memory_bytes=3 * 1024**2, movement={"block 0": 0.0123}),
            Finished(run, 6, 2, 1.5),
        ]
    )


@pytest.fixture
def side_by_side() -> Callable[..., Race]:
    """Put runs side by side; each is given as (loss, fields of its spec)."""

    def make(*runs: tuple[float, dict[str, Any]]) -> Race:
        specs = [RunSpec(**{"budget": Budget(steps=2), "method": Choice("lora"), **fields}) for _, fields in runs]
        histories = [history(f"run-{place}", loss) for place, (loss, _) in enumerate(runs)]
        return Race(tuple(specs), tuple(shown(specs, histories)), {"Device": "cpu float32"})

    return make
