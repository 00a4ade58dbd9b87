"""The Pareto front: quality against one cost, and the runs that no other beats in both."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.units import UNLIKE
from workbench.views.contract import Row, ShownRun, Table, View
from workbench.views.drawing import NEUTRAL, canvas, marker, plain
from workbench.views.footing import is_one_footing, is_one_task
from workbench.views.seeds import Group, grouped, spread_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

FRONT = (
    "Filled markers and the stepped line are the Pareto front: no other run is as good or better in both directions "
    "at once. A hollow marker is beaten by another run. Runs of different tasks have no front. "
    "A bar is one standard deviation over seeds, up and down."
)


@dataclass(frozen=True)
class Cost:
    """What is paid for quality; lower is better.

    `name` is the column of the table, `axis` the title of the axis; a value is written with `pattern` and `unit`.
    """

    name: str
    axis: str
    of: Callable[[ShownRun], float | None]
    unit: str
    pattern: str = ",.1f"
    is_logarithmic: bool = False


@dataclass(frozen=True)
class Point:
    """A cost and a quality."""

    cost: float
    quality: float


class QualityAgainst(View):
    """The task's score at the end (the held-out loss where there is no score) against the `cost` of a subclass."""

    cost: ClassVar[Cost]

    def table(self, runs: Sequence[ShownRun]) -> Table:
        """A row for each measured group: the cost by its name, quality, deviation, n, measure, front."""
        return quality_rows(runs, self.cost)

    def figure(self, table: Table) -> "go.Figure":
        """A marker for each row, a dotted level where a logarithmic scale has no place for it, and the front."""
        return quality_figure(table, self.cost)


def on_front(points: Sequence[Point], is_higher_better: bool) -> list[bool]:
    """For each point whether none of the others is at least as good in cost and quality and better in one of them."""
    sign = -1 if is_higher_better else 1
    costs = [(point.cost, sign * point.quality) for point in points]
    return [not any(other != own and other[0] <= own[0] and other[1] <= own[1] for other in costs) for own in costs]


def quality_rows(runs: Sequence[ShownRun], cost: Cost) -> Table:
    """A row for each group of seeds of which cost and quality were measured: means.

    Columns: the cost by its name, quality, deviation (over seeds, None for one), n (seeds), measure (what quality
    is) and front ("yes", "no", or empty where the runs cannot be held against each other).
    """
    is_scored = any(run.metric in run.history.final_scores for run in runs)
    rows = [row for group in grouped(runs) if (row := _row(group, cost, is_scored)) is not None]
    if not (is_one_footing(runs) or (is_scored and is_one_task(runs))):
        return rows
    front = on_front([Point(row[cost.name], row["quality"]) for row in rows], is_scored)
    return [{**row, "front": "yes" if is_on else "no"} for row, is_on in zip(rows, front, strict=True)]


def _row(group: Group, cost: Cost, is_scored: bool) -> Row | None:
    quality = spread_of(score_of(run) if is_scored else loss_of(run) for run in group.runs)
    paid = spread_of(cost.of(run) for run in group.runs)
    if quality is None or paid is None:
        return None
    measure = group.first.metric.replace("_", " ") if is_scored else loss_name(group.first.unit)
    values = {cost.name: paid.mean, "quality": quality.mean, "deviation": quality.deviation}
    return group.row(**values, n=quality.n, measure=measure, front="")


def score_of(run: ShownRun) -> float | None:
    """The task's leading score at the end; None where it was not measured."""
    return run.history.final_scores.get(run.metric)


def loss_of(run: ShownRun) -> float | None:
    """The last held-out loss, in the run's unit; None where it was not measured."""
    return run.history.evaluations[-1][1] if run.history.evaluations else None


def loss_name(unit: str) -> str:
    """What the held-out loss is called at an axis."""
    return f"held-out loss ({unit}), lower is better"


def quality_figure(table: Table, cost: Cost) -> "go.Figure":
    """A marker for each row; where the scale is logarithmic, a dotted level for one that costs nothing."""
    figure = canvas(cost.axis, _quality_axis(table))
    placed = [row for row in table if row[cost.name] > 0 or not cost.is_logarithmic]
    low, high = _decades([row[cost.name] for row in placed])
    if cost.is_logarithmic:
        figure.update_xaxes(type="log", dtick=1, exponentformat="SI", range=[low, high])
    _draw_front(figure, [row for row in placed if row["front"] == "yes"], cost)
    for row in table:
        label = plain(row["label"])
        paid = f"{format(row[cost.name], cost.pattern)} {cost.unit}"
        hover = f"{label}: %{{y:.3f}} with {paid}{_of_seeds(row)}<extra></extra>"
        if row in placed:
            place: dict[str, Any] = {"x": [row[cost.name]], "y": [row["quality"]], "mode": "markers"}
            look: dict[str, Any] = {"marker": _marker(row), "error_y": _bar(row)}
        else:
            place = {"x": [10**low, 10**high], "y": [row["quality"]] * 2, "mode": "lines"}
            look = {"line": {"color": row["style"].colour, "dash": "dot", "width": 2}}
        figure.add_scatter(**place, **look, name=label, hovertemplate=hover, cliponaxis=False)
    return figure


def _quality_axis(table: Table) -> str:
    measures = {row["measure"] for row in table}
    measure = measures.pop() if len(measures) == 1 else _several(measures)
    return plain(measure) + ("" if "loss" in measure else ", higher is better")


def _several(measures: set[str]) -> str:
    """What unlike measures have in common; losses in unlike units nothing that could be compared."""
    if any("loss" in measure for measure in measures):
        return f"held-out loss ({UNLIKE})"
    return "each task's score" if measures else "quality"


def _draw_front(figure: "go.Figure", rows: Sequence[Row], cost: Cost) -> None:
    """A stepped line: from one run to the next dearer one nothing better than the cheaper was measured."""
    if len(rows) < 2:
        return
    ordered = sorted(rows, key=lambda row: row[cost.name])
    figure.add_scatter(
        x=[row[cost.name] for row in ordered],
        y=[row["quality"] for row in ordered],
        mode="lines",
        line={"color": NEUTRAL, "width": 1.5, "shape": "hv"},
        name="Pareto front",
        hoverinfo="skip",
    )


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """Powers of ten around the positive values."""
    logarithms = [math.log10(value) for value in values if value > 0] or [0.0]
    low, high = math.floor(min(logarithms)), math.ceil(max(logarithms))
    return low, max(high, low + 1)


def _marker(row: Row) -> dict[str, Any]:
    look = marker(row["style"], 14)
    if row["front"] == "no":
        look |= {"symbol": f"{look['symbol']}-open", "line": {"width": 2}}
    return look


def _bar(row: Row) -> dict[str, Any] | None:
    if row["deviation"] is None:
        return None
    return {"type": "data", "array": [row["deviation"]], "color": row["style"].colour, "thickness": 1.5}


def _of_seeds(row: Row) -> str:
    return f" (means of {row['n']} seeds, standard deviation {row['deviation']:.3f})" if row["n"] > 1 else ""
