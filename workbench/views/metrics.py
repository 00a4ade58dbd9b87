"""What was measured beside the leading score: each number with what it means, for runs side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.metrics import METRICS, measured
from workbench.metrics.contract import Outcome
from workbench.views.contract import ShownRun
from workbench.views.seeds import Group, Spread, number_text, spread_of

UNKNOWN = "measured by another version of the workbench, which knew what it is"


@dataclass(frozen=True)
class Measure:
    """A number of a run by its key: what it is called, what it is, its range, and how many decimals are told."""

    key: str
    title: str
    definition: str
    unit: str = "0 to 1, higher is better"
    decimals: int = 3

    @property
    def means(self) -> str:
        """The definition and the range as one text."""
        return f"{self.definition}; {self.unit}"

    def text(self, value: float | None, deviation: float | None = None) -> str:
        """The value as it is told, with its deviation over seeds where there is one."""
        return number_text(value, f",.{self.decimals}f", deviation)


@dataclass(frozen=True)
class Line:
    """A measure, and its mean and spread in each of several groups; None where it was not measured."""

    measure: Measure
    spreads: tuple[Spread | None, ...]

    def texts(self) -> list[str]:
        """A cell for each group."""
        return [
            self.measure.text(spread.mean, spread.deviation) if spread else self.measure.text(None)
            for spread in self.spreads
        ]


def more_measured(run: ShownRun) -> dict[Measure, float]:
    """Perplexity, the task's other scores and its metrics as the run last measured them; not the leading score."""
    history = run.history
    loss = history.evaluations[-1][1] if history.evaluations else None
    scores = {key: value for key, value in history.final_scores.items() if key != run.metric and value is not None}
    values = {**measured(["perplexity"], Outcome(loss=loss)), **scores}
    return {described(key, run.scores): value for key, value in values.items()}


def described(key: str, scores: Mapping[str, str]) -> Measure:
    """What a key stands for in a task with these scores of its own."""
    own = scores.get(key)
    if key in METRICS and own in (None, METRICS[key].definition):
        metric = METRICS[key]
        return Measure(key, metric.title, metric.definition, f"{metric.unit()}, {metric.direction()}", metric.decimals)
    return Measure(key, key.replace("_", " ").capitalize(), own or UNKNOWN)


def glossary(scores: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Title, meaning and decimals of all that may be measured of a task with these scores of its own, by key."""
    every = {key: described(key, scores) for key in (*METRICS, *scores)}
    return {
        key: {"title": measure.title, "means": measure.means, "decimals": measure.decimals}
        for key, measure in every.items()
    }


def metric_lines(groups: Sequence[Group]) -> list[Line]:
    """A line for each measure that any of the groups has.

    Where two tasks call different things by one name, each has a line of its own.
    """
    values = [[more_measured(run) for run in group.runs] for group in groups]
    every = dict.fromkeys(measure for group in values for run in group for measure in run)
    return [Line(measure, tuple(spread_of(run.get(measure) for run in group) for group in values)) for measure in every]


def alone(runs: Sequence[ShownRun]) -> list[Group]:
    """Each run as a group of its own."""
    return [Group(run.label, (run,)) for run in runs]
