"""What a trained number buys: quality against the number of trainable parameters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from workbench.views.contract import ShownRun, Table, View
from workbench.views.pareto import FRONT, Cost, quality_figure, quality_rows

if TYPE_CHECKING:
    import plotly.graph_objects as go


def _trainable(run: ShownRun) -> int | None:
    return int(run.history.counts["trainable"]) if run.history.counts else None


PARAMETERS = Cost(
    "trainable", "trainable parameters (logarithmic)", _trainable, "trainable parameters", ",.0f", is_logarithmic=True
)


class Quality(View):
    """The task's score at the end (the held-out loss where there is no score) against trainable parameters."""

    name: ClassVar[str] = "quality"
    title: ClassVar[str] = "Quality against parameters"
    explains: ClassVar[str] = (
        "Towards the left: fewer trained numbers, a smaller file to keep. "
        "A dotted level is a run that trains nothing: 0 has no place on a logarithmic scale. " + FRONT
    )
    order: ClassVar[int] = 30

    def table(self, runs: Sequence[ShownRun]) -> Table:
        """A row for each measured group: trainable (numbers), quality, deviation, n, measure, front."""
        return quality_rows(runs, PARAMETERS)

    def figure(self, table: Table) -> "go.Figure":
        """A marker for each row, a dotted level for one that trains nothing, and the front."""
        return quality_figure(table, PARAMETERS)
