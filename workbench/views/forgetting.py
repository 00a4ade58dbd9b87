"""What the runs forget of the base model's own domain."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from workbench.views.contract import ShownRun, Table, View
from workbench.views.drawing import canvas, name_rows, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go


class Forgetting(View):
    """Loss on text like that the base was pretrained on, before and after tuning."""

    name: ClassVar[str] = "forgetting"
    title: ClassVar[str] = "Forgetting"
    explains: ClassVar[str] = (
        "Loss on the base model's own kind of text, of the base (hollow) and after tuning (filled), in nats per token. "
        "The further the filled marker moves to the right, the more was forgotten."
    )
    order: ClassVar[int] = 40

    def table(self, runs: Sequence[ShownRun]) -> Table:
        """A row for each measured run: before, after and change, in nats per token."""
        return [
            run.row(**run.history.forgetting, change=run.history.forgotten) for run in runs if run.history.forgetting
        ]

    def figure(self, table: Table) -> "go.Figure":
        """A line from before to after for each run."""
        labels = [plain(row["label"]) for row in table]
        figure = canvas("loss (nats per token)", "", height=130 + 34 * len(table))
        figure.update_layout(showlegend=False)
        name_rows(figure, [row["label"] for row in table])
        for label, row in zip(labels, table, strict=True):
            style = row["style"]
            figure.add_scatter(
                x=[row["before"], row["after"]],
                y=[label, label],
                mode="lines+markers",
                line={"color": style.colour, "width": 2},
                marker={"color": style.colour, "symbol": [f"{style.marker}-open", style.marker], "size": 12},
                hovertemplate=f"{label}: %{{x:.3f}} nats per token (change {row['change']:+.3f})<extra></extra>",
            )
        return figure
