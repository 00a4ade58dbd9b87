"""A worker process to be killed: records or resumes runs without torch, and says what is acknowledged.

python worker.py record HOME STEPS METHOD...     python worker.py resume HOME
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.events import Evaluated, Event, Finished, Sampled, Started, Stepped, Stopped
from workbench.runs.folder import list_runs
from workbench.runs.record import record, resume
from workbench.spec import Budget, Choice, RunSpec


def fake_race(specs: Any, runs: Any, stores: Any, should_stop: Any) -> Iterator[Event]:
    """What the real race yields, without training: one step of each run in turn."""
    for run, spec in zip(runs, specs, strict=True):
        yield Started(run, 0, steps=spec.budget.steps, counts={"trainable": 7, "total": 100, "percent": 7.0})
        yield Evaluated(run, 1, loss=3.0, base_loss=1.0, scores={"accuracy": 0.25})
    going = list(runs)
    for step in range(1, specs[0].budget.steps + 1):
        for run in list(going):
            yield Stepped(run, 9, step, step * 0.5, loss=3.0 / step, tokens=50, tokens_per_second=100.0)
            if should_stop(run):
                going.remove(run)
                yield Stopped(run, 9, step)
    for run in going:
        yield Evaluated(run, 10, step, loss=1.5, base_loss=1.25, scores={"accuracy": 0.75})
        yield Sampled(run, 11, step, samples=({"prompt": "Once", "text": "upon a time", "target": "there was"},))
        yield Finished(run, 12, step, artifact="artifact")


def specs_of(methods: list[str], steps: int) -> list[RunSpec]:
    return [RunSpec(method=Choice(method), budget=Budget(steps=steps)) for method in methods]


def main(command: str, home: Path, *words: str) -> None:
    if command == "record":
        events = record(specs_of(list(words[1:]), int(words[0])), home, fake_race)
    else:
        events = resume(list_runs(home), fake_race)
    for event in events:
        print(event.run, event.seq, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
    except WorkbenchError as error:
        sys.exit(f"{type(error).__name__}: {error}")
