"""What a second buys: quality against the time that a run worked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from workbench.views.contract import ShownRun, Table, View
from workbench.views.pareto import FRONT, Cost, quality_figure, quality_rows

if TYPE_CHECKING:
    import plotly.graph_objects as go


def _seconds(run: ShownRun) -> float | None:
    return run.history.seconds or None


TIME = Cost("seconds", "time (seconds of the run's own work)", _seconds, "seconds")


class QualityAgainstTime(View):
    """The task's score at the end (the held-out loss where there is no score) against seconds."""

    name: ClassVar[str] = "quality_time"
    title: ClassVar[str] = "Quality against time"
    explains: ClassVar[str] = (
        "Towards the left: sooner done. The time is what the run worked itself, evaluations included, in seconds. "
        + FRONT
    )
    order: ClassVar[int] = 31

    def table(self, runs: Sequence[ShownRun]) -> Table:
        """A row for each measured group: seconds, quality, deviation, n, measure, front."""
        return quality_rows(runs, TIME)

    def figure(self, table: Table) -> "go.Figure":
        """A marker for each row, and the front."""
        return quality_figure(table, TIME)
