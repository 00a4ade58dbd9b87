"""The page's fold of a run's events gives what `workbench.history.fold` gives."""

import math
from typing import Any

import pytest

from workbench.events import (
    Checkpointed,
    Evaluated,
    Event,
    Failed,
    Finished,
    Measured,
    Sampled,
    Started,
    Stepped,
    Stopped,
    to_record,
)
from workbench.history import History, fold

FOLD = """async (events) => {
    const { emptyHistory, fold, forgotten, tokensPerSecond } = await import('/page/fold.js');
    const history = fold(emptyHistory(events[0]?.run ?? ''), events);
    return { ...history, forgotten: forgotten(history).map(([, rise]) => rise).pop() ?? null, pace: tokensPerSecond(history) };
}"""  # noqa: E501
SAME = {
    "run": "run", "state": "state", "seq": "seq", "step": "step", "steps": "steps", "seconds": "seconds",
    "counts": "counts", "device": "device", "precision": "precision", "losses": "losses",
    "evaluations": "evaluations", "untouched": "untouched", "baseLosses": "base_losses", "scores": "scores",
    "samples": "samples", "movement": "movement", "tokens": "tokens", "stepSeconds": "step_seconds",
    "peakMemory": "peak_memory_bytes", "artifact": "artifact", "error": "error", "hint": "hint",
    "forgotten": "forgotten", "pace": "tokens_per_second",
}  # fmt: skip


def started(seq: int, step: int = 0, resumed_from: int = 0, base_loss: float | None = 0.5) -> Event:
    counts = {"trainable": 10.0, "added": 10.0, "total": 110.0, "percent": 9.09}
    return Started("a", seq, step, 0.5, 6, 1e-3, counts, "cpu", "float32", resumed_from, base_loss)


def learned(seq: int, first: int, last: int) -> list[Event]:
    """All that a run tells of a few steps."""
    events: list[Event] = []
    for step in range(first, last + 1):
        at = {"run": "a", "step": step, "seconds": 1.5 * step}
        events += [
            Stepped(seq=seq, loss=3.0 / step, gradient_norm=1.0, tokens=30, tokens_per_second=7, **at),
            Evaluated(seq=seq + 1, loss=4.0 / step, base_loss=0.5 + 0.1 * step, scores={"accuracy": 0.1 * step}, **at),
            Sampled(seq=seq + 2, samples=({"prompt": "p", "text": f"t{step}", "target": "x"},), **at),
            Measured(seq=seq + 3, peak_memory_bytes=1000 - step, movement={"block 0": 0.01 * step}, **at),
            Checkpointed(seq=seq + 4, path=f"step-{step}", **at),
        ]  # fmt: skip
        seq += 5
    return events


RUN = [started(0), *learned(1, 1, 3)]
CASES: dict[str, list[Event]] = {
    "nothing": [],
    "just started": [started(0)],
    "going": RUN,
    "finished": [*RUN, Finished("a", 99, 3, 5.0, artifact="artifact")],
    "stopped": [*RUN, Stopped("a", 99, 3, 5.0)],
    "failed": [*RUN, Failed("a", 99, 3, 5.0, "The loss is not a number.", "Lower the learning rate.")],
    "failed before it started": [Failed("a", 0, error="It cannot be.", hint="")],
    "goes on from a checkpoint": [*RUN, Stopped("a", 50, 3, 5.0), started(51, 2, resumed_from=2), *learned(52, 3, 4)],
    "begins again after it failed": [*RUN, Failed("a", 50, 3, error="x", hint="y"), started(51), *learned(52, 1, 1)],
    "seen twice": [*RUN, *RUN, *learned(16, 4, 4)],
    "no loss is a number": [
        started(0),
        Stepped("a", 1, 1, 1.0, math.nan, math.inf, 0.1, 30, 0.0),
        Evaluated("a", 2, 1, 1.0, 2.5, None, {}),
    ],
    "nothing known of the base": [started(0, base_loss=None), *learned(1, 1, 2)],
    "time stands still": [started(0), *learned(1, 2, 2), Measured("a", 20, 2, 0.1, 5, {})],
}


@pytest.fixture(scope="module")
def page(browser: Any, server: Any) -> Any:
    page = browser.new_page()
    page.goto(server.address + "/page/fold.js")
    return page


@pytest.mark.parametrize("case", CASES)
def test_the_page_folds_events_as_python_does(page: Any, case: str) -> None:
    events = CASES[case]
    found = page.evaluate(FOLD, [to_record(event) for event in events])
    wanted = fold(events)
    assert set(found) == set(SAME)
    assert {name: plain(found[name]) for name in SAME} == {name: plain(of(wanted, SAME[name])) for name in SAME}


def of(history: History, name: str) -> Any:
    return getattr(history, name)


def plain(value: Any) -> Any:
    """Lists, dictionaries and rounded numbers, and None for what is no number, as JSON has it."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, (int, float)):
        return round(value, 9) if math.isfinite(value) else None
    return value
