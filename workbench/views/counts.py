"""How many numbers each run may move."""

from collections.abc import Sequence
from math import log10
from typing import TYPE_CHECKING, ClassVar

from workbench.views.contract import Row, ShownRun, Table, View
from workbench.views.drawing import canvas, marker, name_rows, plain
from workbench.views.seeds import grouped

if TYPE_CHECKING:
    import plotly.graph_objects as go


class Counts(View):
    """Trainable parameters of every run on a logarithmic scale: each grid line is ten times the one before."""

    name: ClassVar[str] = "counts"
    title: ClassVar[str] = "Trainable parameters"
    explains: ClassVar[str] = (
        "How many numbers each method may move while it learns. "
        "The scale is logarithmic: each labelled line is ten times the one to its left."
    )
    order: ClassVar[int] = 20

    def table(self, runs: Sequence[ShownRun]) -> Table:
        """A row for each run, one for all seeds of a group: trainable, total (numbers) and percent."""
        return [
            group.row(
                trainable=int(group.first.history.counts["trainable"]),
                total=int(group.first.history.counts["total"]),
                percent=float(group.first.history.counts["percent"]),
            )
            for group in grouped(runs)
            if group.first.history.counts
        ]

    def figure(self, table: Table) -> "go.Figure":
        """A dot for each run; a run that trains nothing has no place on the scale and is named in words."""
        labels = [plain(row["label"]) for row in table]
        figure = canvas("trainable parameters", "", height=130 + 34 * len(table), showlegend=False)
        figure.update_xaxes(type="log", dtick=1, exponentformat="SI", range=_decades(table))
        name_rows(figure, [row["label"] for row in table])
        for label, row in zip(labels, table, strict=True):
            if row["trainable"] == 0:
                figure.add_scatter(x=[None], y=[label])  # keeps the run's line on the axis
                where = {"x": 0, "xref": "x domain", "y": label, "xanchor": "left", "xshift": 4}
                figure.add_annotation(text="0: nothing moves", showarrow=False, **where)
                continue
            figure.add_scatter(
                x=[row["trainable"]],
                y=[label],
                text=[f"  {row['trainable']:,}  "],
                mode="markers+text",
                textposition=_side(row, table),
                marker=marker(row["style"], 12),
                cliponaxis=False,
                hovertemplate=f"{label}: {row['trainable']:,}, {row['percent']:.3g} % of all<extra></extra>",
            )
        return figure


def _decades(table: Table) -> list[int]:
    """Powers of ten that hold every count."""
    counts = [row["trainable"] for row in table if row["trainable"] > 0] or [1]
    return [len(str(min(counts))) - 1, len(str(max(counts)))]


def _side(row: Row, table: Table) -> str:
    """Where the number fits: left of a dot in the right half."""
    low, high = _decades(table)
    return "middle left" if log10(row["trainable"]) - low > 0.45 * (high - low) else "middle right"
