"""What a setting does: quality against the one knob, or the learning rate, in which runs of a method differ."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from workbench.views.contract import Row, ShownRun, Table, View
from workbench.views.drawing import canvas, line, marker, plain
from workbench.views.footing import is_one_footing
from workbench.views.pareto import loss_name, loss_of, score_of
from workbench.views.seeds import Group, grouped, spread_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

DECADE = 10  # a setting whose values lie this far apart gets a logarithmic axis


class Sweep(View):
    """The score at the end (the held-out loss where there is no score) against what was swept, a line a method."""

    name: ClassVar[str] = "sweep"
    title: ClassVar[str] = "Quality against a setting"
    explains: ClassVar[str] = (
        "A line for each method of which several runs differ in one number alone, such as the rank. "
        "A bar is one standard deviation over seeds, up and down."
    )
    order: ClassVar[int] = 34

    def table(self, runs: Sequence[ShownRun]) -> Table:
        """A row for each group of seeds in a sweep: method, setting, value, quality, deviation, n, measure."""
        if not is_one_footing(runs):
            return []
        groups = grouped(runs)
        is_scored = any(run.metric in run.history.final_scores for run in runs)
        methods = dict.fromkeys(group.first.method for group in groups if group.first.trains)
        return [
            row
            for method in methods
            if (swept := swept_setting(members := _of(method, groups)))
            for row in _rows(members, swept, is_scored)
        ]

    def figure(self, table: Table) -> "go.Figure":
        """Markers joined in the order of the setting's values."""
        settings = dict.fromkeys(row["setting"] for row in table)
        figure = canvas(plain(" or ".join(settings) or "setting"), plain(_quality(table)))
        values = sorted({row["value"] for row in table})
        figure.update_xaxes(tickvals=values, ticktext=[f"{value:g}" for value in values], minor={"showgrid": False})
        if values and values[0] > 0 and values[-1] >= DECADE * values[0]:
            figure.update_xaxes(type="log")
        for method in dict.fromkeys(row["method"] for row in table):
            rows = [row for row in table if row["method"] == method]
            figure.add_scatter(
                x=[row["value"] for row in rows],
                y=[row["quality"] for row in rows],
                error_y={"type": "data", "array": [row["deviation"] or 0 for row in rows], "thickness": 1.5},
                name=plain(method),
                mode="lines+markers",
                line=line(rows[0]["style"]),
                marker=marker(rows[0]["style"]),
                hovertemplate=f"{plain(method)}, %{{x}}: %{{y:.3f}}<extra></extra>",
            )
        return figure


def swept_setting(groups: Sequence[Group]) -> str:
    """The only setting in which these groups differ; empty where there is none, or more than one."""
    settings: list[Mapping[str, float]] = [group.first.settings for group in groups]
    names = dict.fromkeys(name for values in settings for name in values)
    differing = [name for name in names if len({values.get(name) for values in settings}) > 1]
    is_told_apart = len({tuple(values.items()) for values in settings}) == len(settings)
    return differing[0] if len(differing) == 1 and is_told_apart else ""


def _of(method: str, groups: Sequence[Group]) -> list[Group]:
    return [group for group in groups if group.first.method == method]


def _rows(groups: Sequence[Group], setting: str, is_scored: bool) -> list[Row]:
    """In the order of the setting's values; a group without a measurement has no row."""
    rows = []
    for group in sorted(groups, key=lambda group: group.first.settings[setting]):
        quality = spread_of((score_of if is_scored else loss_of)(run) for run in group.runs)
        if quality is not None:
            measure = group.first.metric.replace("_", " ") if is_scored else loss_name(group.first.unit)
            told = {"quality": quality.mean, "deviation": quality.deviation, "n": quality.n, "measure": measure}
            place = {"method": group.first.method, "setting": setting, "value": group.first.settings[setting]}
            rows.append(group.row(**place, **told))
    return rows


def _quality(table: Table) -> str:
    measure = table[0]["measure"] if table else "quality"
    return measure if "loss" in measure else f"{measure}, higher is better"
