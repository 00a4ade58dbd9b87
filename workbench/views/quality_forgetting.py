"""What is given up for the task: quality against forgetting."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from workbench.views.contract import ShownRun, Table, View
from workbench.views.pareto import FRONT, Cost, quality_figure, quality_rows

if TYPE_CHECKING:
    import plotly.graph_objects as go


def _forgotten(run: ShownRun) -> float | None:
    return run.history.forgotten


FORGETTING = Cost("forgetting", "forgetting (nats per token)", _forgotten, "nats forgotten", "+.3f")


class QualityAgainstForgetting(View):
    """The task's score at the end (the held-out loss where there is no score) against forgetting."""

    name: ClassVar[str] = "quality_forgetting"
    title: ClassVar[str] = "Quality against forgetting"
    explains: ClassVar[str] = (
        "Towards the left: less was forgotten of the base model's own kind of text. At 0 nothing was, below 0 its loss "
        "even fell. " + FRONT
    )
    order: ClassVar[int] = 33

    def table(self, runs: Sequence[ShownRun]) -> Table:
        """A row for each measured group: forgetting (nats per token), quality, deviation, n, measure, front."""
        return quality_rows(runs, FORGETTING)

    def figure(self, table: Table) -> "go.Figure":
        """A marker for each row, and the front."""
        return quality_figure(table, FORGETTING)
