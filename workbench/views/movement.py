"""Where in the model the weights moved."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from workbench.views.contract import ShownRun, Table, View
from workbench.views.drawing import canvas, line, marker, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go


class Movement(View):
    """How far each block's weights are from the base, relative to their size, at the end."""

    name: ClassVar[str] = "movement"
    title: ClassVar[str] = "Movement"
    explains: ClassVar[str] = (
        "How far each part of the model is from where it started: the size of the change over the size of the "
        "weights, ||dW|| / ||W||. The scale is logarithmic; a part that did not move is not drawn."
    )
    order: ClassVar[int] = 60

    def table(self, runs: Sequence[ShownRun]) -> Table:
        """A row for each run whose movement was measured: parts (in order), distances (a fraction)."""
        rows = []
        for run in runs:
            latest = run.history.movement[-1][1] if run.history.movement else {}
            moved = {part: distance for part, distance in latest.items() if distance and distance > 0}
            if moved:
                rows.append(run.row(parts=list(moved), distances=list(moved.values())))
        return rows

    def figure(self, table: Table) -> "go.Figure":
        """Distance against part, one line a run."""
        figure = canvas("part of the model", "relative change ||dW|| / ||W||")
        parts = list(dict.fromkeys(part for row in table for part in row["parts"]))
        figure.update_yaxes(type="log", exponentformat="power", dtick=1)
        figure.update_xaxes(type="category", categoryorder="array", categoryarray=[plain(part) for part in parts])
        for row in table:
            label, style = plain(row["label"]), row["style"]
            figure.add_scatter(
                x=[plain(part) for part in row["parts"]],
                y=row["distances"],
                name=label,
                mode="lines+markers",
                line=line(style, 1.5),
                marker=marker(style),
                hovertemplate=f"{label}, %{{x}}: %{{y:.3g}}<extra></extra>",
            )
        return figure
