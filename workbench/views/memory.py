"""How much memory the runs took."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from workbench.views.contract import ShownRun, Table, View
from workbench.views.drawing import canvas, name_rows, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

MEBIBYTE = 1024**2


class Memory(View):
    """Peak memory of every run, as measured."""

    name: ClassVar[str] = "memory"
    title: ClassVar[str] = "Memory"
    explains: ClassVar[str] = "The most memory that was in use while the run trained, in mebibytes, as measured."
    order: ClassVar[int] = 50

    def table(self, runs: Sequence[ShownRun]) -> Table:
        """A row for each measured run: bytes, and mebibytes."""
        return [
            run.row(bytes=run.history.peak_memory_bytes, mebibytes=run.history.peak_memory_bytes / MEBIBYTE)
            for run in runs
            if run.history.peak_memory_bytes > 0
        ]

    def figure(self, table: Table) -> "go.Figure":
        """A bar for each run, from zero."""
        labels = [plain(row["label"]) for row in table]
        figure = canvas("peak memory (MiB)", "", height=130 + 34 * len(table), showlegend=False)
        widest = max((row["mebibytes"] for row in table), default=1.0)
        figure.update_xaxes(range=[0, 1.15 * widest])  # room for the number beside the longest bar
        name_rows(figure, [row["label"] for row in table])
        for label, row in zip(labels, table, strict=True):
            figure.add_bar(
                x=[row["mebibytes"]],
                y=[label],
                orientation="h",
                marker={"color": row["style"].colour},
                text=[f" {row['mebibytes']:,.1f}"],
                textposition="outside",
                cliponaxis=False,
                hovertemplate=f"{label}: %{{x:,.1f}} MiB<extra></extra>",
            )
        return figure
