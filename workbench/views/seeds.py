"""Seeds: runs that differ in nothing but the seed are one group, with a mean, a spread and what it may be held to."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean, stdev

from workbench.views.contract import Row, ShownRun, Table
from workbench.views.results import Results

AVERAGED = ("loss_first", "loss", "metric", "change", "seconds", "tokens_per_second", "memory_bytes")

Curve = Sequence[tuple[int, float]]


@dataclass(frozen=True)
class Group:
    """Runs that differ in nothing but the seed, under one label and with one look."""

    label: str
    runs: tuple[ShownRun, ...]

    @property
    def first(self) -> ShownRun:
        """The run that speaks for what all of them share."""
        return self.runs[0]

    @property
    def is_finished(self) -> bool:
        """Whether its runs came to their end."""
        return self.first.history.state == "finished"

    def row(self, **values: object) -> Row:
        """A row of a table: how the group looks, then the values."""
        return {"label": self.label, "style": self.first.style, **values}


@dataclass(frozen=True)
class Spread:
    """Mean of n values and their sample standard deviation (divided by n - 1); None for a single value."""

    mean: float
    deviation: float | None
    n: int


@dataclass(frozen=True)
class Band:
    """A point of a mean curve: the mean of all seeds at a step, and the lowest and highest of them."""

    step: int
    mean: float
    low: float
    high: float


def grouped(runs: Sequence[ShownRun]) -> list[Group]:
    """The groups in the order of their first runs.

    Only finished runs share a group: one that broke off saw less than the others, so it stands alone.
    """
    members: dict[tuple[bool, str], list[ShownRun]] = {}
    for run in runs:
        is_finished = run.history.state == "finished"
        members.setdefault((is_finished, run.group if is_finished and run.group else run.label), []).append(run)
    return [Group(name if len(group) > 1 else group[0].label, tuple(group)) for (_, name), group in members.items()]


def spread_of(values: Iterable[float | None]) -> Spread | None:
    """Mean and standard deviation; None where a value is missing, since a mean without a bad seed would flatter."""
    known = list(values)
    if not known or any(value is None or not math.isfinite(value) for value in known):
        return None
    numbers = [float(value) for value in known if value is not None]
    return Spread(fmean(numbers), stdev(numbers) if len(numbers) > 1 else None, len(numbers))


def mean_curve(curves: Sequence[Curve]) -> list[Band]:
    """Mean, lowest and highest value at each step that all curves have; a step where one is not finite is left out."""
    tables = [dict(curve) for curve in curves]
    shared = [step for step in tables[0] if all(step in table for table in tables)] if tables else []
    points = [(step, [table[step] for table in tables]) for step in shared]
    return [
        Band(step, fmean(values), min(values), max(values))
        for step, values in points
        if all(value is not None and math.isfinite(value) for value in values)
    ]


def group_rows(groups: Sequence[Group]) -> Table:
    """The results of each group: means under the names of the view of results, `<name>_deviation`, seeds and n.

    Losses in the runs' unit, forgetting in nats per token, time in seconds, memory in bytes.
    Of a single run the mean is its value.
    """
    return [_row(group) for group in groups]


def _row(group: Group) -> Row:
    rows = Results().table(group.runs)
    spreads = {name: spread_of(row[name] for row in rows) for name in AVERAGED}
    means = {name: spread.mean if spread else None for name, spread in spreads.items()}
    deviations = {f"{name}_deviation": spread.deviation if spread else None for name, spread in spreads.items()}
    shared = {name: rows[0][name] for name in ("state", "trainable", "percent")}
    return group.row(n=len(rows), seeds=[run.seed for run in group.runs], **shared, **means, **deviations)


def number_text(mean: float | None, pattern: str, deviation: float | None = None) -> str:
    """A number or mean as text, with its standard deviation where there is one; "-" where nothing was measured."""
    if mean is None:
        return "-"
    spread = "" if deviation is None else f" ± {format(deviation, pattern.replace('+', ''))}"
    return format(mean, pattern) + spread


def pooled_deviation(spreads: Sequence[Spread]) -> float | None:
    """The standard deviation that groups have in common, weighted by n - 1; None where each has one value only.

    sqrt(sum((n_i - 1) s_i^2) / sum(n_i - 1)), as in Student's t for two samples.
    """
    several = [(spread.n - 1, spread.deviation) for spread in spreads if spread.deviation is not None]
    if not several:
        return None
    return math.sqrt(sum(weight * deviation**2 for weight, deviation in several) / sum(weight for weight, _ in several))


def cautions(runs: Sequence[ShownRun]) -> list[str]:
    """A sentence for each difference of final held-out losses that is smaller than the spread over seeds.

    The rule: two groups of one task, model and objective with two seeds or more each, whose means are closer
    together than their pooled standard deviation. It is a rule of thumb for reading a picture and no test of
    significance: with three seeds even a difference of two deviations may be chance. A run that trains nothing does
    not depend on its seed, so it is held against the other's spread alone. A group of one seed has no spread, and
    that is said.
    """
    measured = [(group, spread) for group in grouped(runs) if (spread := _final_loss(group)) is not None]
    close = [sentence for pair in combinations(measured, 2) if (sentence := _too_close(*pair))]
    return [*close, *_single([group for group, _ in measured])]


def _final_loss(group: Group) -> Spread | None:
    return spread_of(row["loss"] for row in Results().table(group.runs)) if group.is_finished else None


def _too_close(one: tuple[Group, Spread], other: tuple[Group, Spread]) -> str:
    """The warning for two groups whose difference is within the spread; empty where there is none to give."""
    (first, first_loss), (second, second_loss) = one, other
    if _footing(first) != _footing(second):
        return ""
    if any(group.first.trains and loss.n < 2 for group, loss in (one, other)):
        return ""
    deviation = pooled_deviation((first_loss, second_loss))
    difference, unit = abs(first_loss.mean - second_loss.mean), first.first.unit
    if deviation is None or difference >= deviation:
        return ""
    return (
        f"{first.label} and {second.label} differ by {difference:.3f} {unit} in mean held-out loss, less than "
        f"the spread over seeds (a standard deviation of {deviation:.3f}): these runs do not tell which is better."
    )


def _footing(group: Group) -> tuple[str, str, str]:
    return group.first.task, group.first.model, group.first.objective


def _single(groups: Sequence[Group]) -> list[str]:
    """That one seed cannot tell, where there are several trained groups and some have one seed only."""
    trained = [group for group in groups if group.first.trains]
    single = [group.label for group in trained if len(group.runs) == 1]
    if len(trained) < 2 or not single:
        return []
    advice = "take a small difference for real only after it holds for several."
    if len(single) == len(trained):
        return [f"This is one seed, and one seed cannot tell: {advice}"]
    return [f"Of {', '.join(single)} there is one seed only, and one seed cannot tell: {advice}"]
