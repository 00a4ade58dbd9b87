"""What every picture of runs says of itself and draws."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.history import History
from workbench.units import PER_TOKEN
from workbench.views.colour import Style

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST_POINTS = 500  # of one curve: more cannot be told apart on a screen
MOST_RUNS = 24  # side by side: more curves cannot be told apart

Row = dict[str, Any]
Table = list[Row]


@dataclass(frozen=True)
class ShownRun:
    """A run as a picture shows it: a label, a look, and everything that was measured.

    `metric` is the key of the task's leading score; `scores` say what its own scores are. `starts_at_base`: its
    first evaluation and samples, before any step, are those of the base model. `group` is what runs share that
    differ in nothing but the `seed`; empty, the run stands alone. `task`, `model` and `objective` say on what its
    numbers were measured, in words, and `unit` in what its loss is told. `settings` are the numbers that a sweep
    may change: the method's knobs by name, and the learning rate.
    """

    label: str
    method: str
    style: Style
    history: History
    metric: str = ""
    starts_at_base: bool = True
    trains: bool = True
    seed: int = 0
    group: str = ""
    task: str = ""
    model: str = ""
    objective: str = ""
    unit: str = PER_TOKEN
    settings: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, str] = field(default_factory=dict)

    def row(self, **values: object) -> Row:
        """A row of a table: how the run looks, then the values."""
        return {"label": self.label, "style": self.style, **values}


class View(ABC):
    """A picture of several runs; `explains` says in one sentence what is to be seen."""

    name: ClassVar[str]
    title: ClassVar[str]
    explains: ClassVar[str]
    order: ClassVar[int] = 100

    @abstractmethod
    def table(self, runs: Sequence[ShownRun]) -> Table:
        """What was measured, as plain rows; a run without a measurement has no row."""

    @abstractmethod
    def figure(self, table: Table) -> "go.Figure":
        """The rows as a plotly figure."""


def thinned(points: Iterable[tuple[int, float]], most: int = MOST_POINTS) -> list[tuple[int, float]]:
    """At most `most` of the finite points, evenly spread, the first and the last among them."""
    finite = [point for point in points if point[1] is not None and math.isfinite(point[1])]
    if len(finite) <= most:
        return finite
    stride = (len(finite) - 1) / (most - 1)
    return [finite[round(index * stride)] for index in range(most)]
