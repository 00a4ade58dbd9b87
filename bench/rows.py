"""Tables of finished runs, one CSV row each: what the sweep and the ranking write and read."""

import csv
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from workbench.events import Event
from workbench.history import History, fold
from workbench.spec import RunSpec
from workbench.tasks import TASKS
from workbench.training.race import race


@dataclass(frozen=True)
class Row:
    """One run: what it was and what it came to. Losses in nats per token; NaN where a run failed."""

    model: str
    task: str
    method: str
    learning_rate: float  # 0: the method's own default
    seed: int
    steps: int
    state: str
    loss: float  # on held-out examples, at the end
    score: float  # the task's leading score, at the end
    forgotten: float  # rise of the loss on the base's own domain
    percent: float  # parameters trained, of all

    @property
    def key(self) -> tuple[object, ...]:
        """What tells runs apart before they have run."""
        return (self.model, self.task, self.method, self.learning_rate, self.seed, self.steps)


def key_of(spec: RunSpec) -> tuple[object, ...]:
    """The key of the row that the run will give."""
    budget = spec.budget
    return (spec.model, str(spec.task), str(spec.method), budget.learning_rate, spec.seed, budget.steps)


def race_missing(specs: Sequence[RunSpec], table: Path, at_once: int = 6) -> list[Row]:
    """Race those specs whose rows the table lacks, all of one model, task and seed; return the whole table."""
    done = {row.key for row in read(table)}
    missing = [spec for spec in specs if key_of(spec) not in done]
    for first in range(0, len(missing), at_once):
        chosen = missing[first : first + at_once]
        events: dict[str, list[Event]] = {str(place): [] for place in range(len(chosen))}
        for event in race(chosen, runs=list(events)):
            events[event.run].append(event)
        append([row_of(spec, fold(heard)) for spec, heard in zip(chosen, events.values(), strict=True)], table)
    return read(table)


def row_of(spec: RunSpec, history: History) -> Row:
    """What a run came to."""
    metric = TASKS[spec.task.name].metric
    is_done, nan = history.state == "finished", float("nan")
    return Row(
        *key_of(spec),  # type: ignore[arg-type]
        state=history.state,
        loss=round(history.evaluations[-1][1], 4) if is_done else nan,
        score=round(history.final_scores.get(metric, nan), 4) if is_done else nan,
        forgotten=round(history.forgotten or 0.0, 4) if is_done else nan,
        percent=round(history.counts.get("percent", nan), 4),
    )


def read(table: Path) -> list[Row]:
    """The rows so far."""
    if not table.exists():
        return []
    with table.open(newline="") as file:
        lines = list(csv.DictReader(file))
    return [Row(**{entry.name: entry.type(line[entry.name]) for entry in fields(Row)}) for line in lines]  # type: ignore[operator]


def append(rows: Sequence[Row], table: Path) -> None:
    """Add rows to the table and show them."""
    is_first = not table.exists()
    with table.open("a", newline="") as file:
        writer = csv.writer(file)
        if is_first:
            writer.writerow(entry.name for entry in fields(Row))
        writer.writerows(astuple(row) for row in rows)
    for row in rows:
        print(*astuple(row), sep="\t", flush=True)
