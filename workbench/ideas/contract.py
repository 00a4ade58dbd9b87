"""What every idea says of itself."""

from abc import ABC
from dataclasses import dataclass, field
from typing import ClassVar, Literal

Kind = Literal["xray", "numbers", "memory", "rates", "measured"]


@dataclass(frozen=True)
class Figure:
    """A picture to be drawn: what it shows, of which ways of tuning.

    `xray` shows where the numbers of the first method lie, `numbers` how many move, `memory` what training keeps,
    `rates` the default learning rates: all of them computed. `measured` shows a figure of docs/results.md for each
    method, (mean, deviation), with its `unit`.
    """

    kind: Kind
    title: str
    methods: tuple[str, ...]
    measured: tuple[tuple[float, float], ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class Race:
    """A race that is set up already: the methods, the task, and what of the rest is turned away from its default."""

    methods: tuple[str, ...]
    task: str = "describe"
    budget: dict[str, str] = field(default_factory=dict)
    seeds: int = 1


class Idea(ABC):
    """Something to understand, in plain words first and with its term second.

    The class says `name`, `title` (plain words), `term`, `plain` (one sentence), `idea` (a few sentences), `formula`
    (may be empty), `measured` (what docs/results.md has on it) with its `source` there, `figure`, `race` to try it,
    and `paper`.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    term: ClassVar[str]
    plain: ClassVar[str]
    idea: ClassVar[str]
    formula: ClassVar[str]
    measured: ClassVar[str]
    source: ClassVar[str]
    figure: ClassVar[Figure]
    race: ClassVar[Race]
    paper: ClassVar[str]
    order: ClassVar[int] = 100
