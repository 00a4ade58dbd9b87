"""How the loss falls while the runs learn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from workbench.units import axis_of
from workbench.views.contract import Row, ShownRun, Table, View, thinned
from workbench.views.drawing import canvas, faint, line, marker, plain
from workbench.views.seeds import Group, grouped, mean_curve

if TYPE_CHECKING:
    import plotly.graph_objects as go


class Curves(View):
    """Training loss of every step (thin) and held-out loss of every evaluation (with markers)."""

    name: ClassVar[str] = "curves"
    title: ClassVar[str] = "Learning curves"
    explains: ClassVar[str] = (
        "The loss is how surprised the model is by the right answer, in nats: lower is better. "
        "Lines with markers are measured on examples the run never trains on, thin lines on its training batches. "
        "A dotted level is a run that trains nothing, so that its loss stays as it is. "
        "Runs that differ in nothing but the seed are one line, their mean, in a band from the lowest to the highest."
    )
    order: ClassVar[int] = 10

    def table(self, runs: Sequence[ShownRun]) -> Table:
        """A row for each curve: kind (training or evaluation), trains, steps, losses and their unit.

        Of a group of seeds the losses are means, and lows, highs and n (seeds) say what they are means of.
        """
        rows = [_row(group, kind) for group in grouped(runs) for kind in ("training", "evaluation")]
        return [row for row in rows if row is not None]

    def figure(self, table: Table) -> "go.Figure":
        """Loss against step, one colour a run."""
        figure = canvas("optimizer step", f"loss ({axis_of(row['unit'] for row in table)})")
        last_step = max((row["steps"][-1] for row in table), default=0)
        for row in table:
            label, style = plain(_name(row)), row["style"]
            shared = {"x": row["steps"], "y": row["losses"], "name": label, "legendgroup": label}
            hover = f"{label}, {row['kind']}<br>step %{{x}}: %{{y:.3f}} {row['unit']}<extra></extra>"
            if row["kind"] == "training":
                figure.add_scatter(**shared, line=line(style, 1), opacity=0.4, showlegend=False, hovertemplate=hover)
            elif not row["trains"]:
                level = {"x": [0, last_step], "y": row["losses"][-1:] * 2, "mode": "lines", "name": label}
                figure.add_scatter(**level, line={**line(style), "dash": "dot"}, hovertemplate=hover)
            else:
                _draw_band(figure, row, label)
                look = {"mode": "lines+markers", "line": line(style), "marker": marker(style, 8)}
                figure.add_scatter(**shared, **look, hovertemplate=hover)
        return figure


def _row(group: Group, kind: str) -> Row | None:
    """One curve of a group; None where nothing of it was measured."""
    curves = [run.history.losses if kind == "training" else run.history.evaluations for run in group.runs]
    bands = {band.step: band for band in mean_curve(curves)}
    kept = [bands[step] for step, _ in thinned((step, band.mean) for step, band in bands.items())]
    if not kept:
        return None
    row = group.row(kind=kind, unit=group.first.unit, trains=group.first.trains)
    row |= {"steps": [band.step for band in kept], "losses": [band.mean for band in kept]}
    if len(curves) > 1:
        row |= {"n": len(curves), "lows": [band.low for band in kept], "highs": [band.high for band in kept]}
    return row


def _name(row: Row) -> str:
    return f"{row['label']} (mean of {row['n']} seeds)" if "n" in row else str(row["label"])


def _draw_band(figure: "go.Figure", row: Row, label: str) -> None:
    """From the lowest to the highest seed, where there are several."""
    if "n" not in row:
        return
    edge = {"x": row["steps"], "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    edge |= {"legendgroup": label, "showlegend": False}
    figure.add_scatter(**edge, y=row["lows"])
    figure.add_scatter(**edge, y=row["highs"], fill="tonexty", fillcolor=faint(row["style"]))
