"""What every metric says of itself, and what it is computed from."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

Kind = Literal["loss", "choice", "text"]


@dataclass(frozen=True)
class Outcome:
    """What a run came to on held-out examples: its answers, all right answers to each, and its loss.

    `references[i]` are the right answers to question i, the one of its own example first. `labels` are the classes of
    a choice; empty where answers are free text. `mark` is what the final answer stands behind in a longer text; empty
    where there is none. `loss` in nats per target token.
    """

    answers: tuple[str, ...] = ()
    references: tuple[tuple[str, ...], ...] = ()
    labels: tuple[str, ...] = ()
    mark: str = ""
    loss: float | None = None

    @property
    def targets(self) -> list[str]:
        """The right answer of each example itself."""
        return [texts[0] for texts in self.references]


class Metric(ABC):
    """A number between `low` and `high`; `definition` says in one sentence what it is.

    `kind` says what it is of: the loss, the choice of a label, or free text. `library` names the package that
    computes it; empty where that is a line of our own.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    definition: ClassVar[str]
    kind: ClassVar[Kind]
    library: ClassVar[str] = ""
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 1.0
    is_higher_better: ClassVar[bool] = True
    decimals: ClassVar[int] = 3
    order: ClassVar[int] = 100

    @abstractmethod
    def measure(self, outcome: Outcome) -> float:
        """The metric of an outcome with one answer at least (of the loss: with a loss); NaN where it is no number.

        Raises:
            ImportError: the library is not installed.
        """

    @classmethod
    def unit(cls) -> str:
        """The range in words: "0 to 1"."""
        return f"{cls.low:g} to {cls.high:g}" if math.isfinite(cls.high) else f"{cls.low:g} or more"

    @classmethod
    def direction(cls) -> str:
        """Which way is better, in words."""
        return "higher is better" if cls.is_higher_better else "lower is better"
