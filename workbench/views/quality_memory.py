"""What a byte buys: quality against peak memory."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from workbench.views.contract import ShownRun, Table, View
from workbench.views.pareto import FRONT, Cost, quality_figure, quality_rows

if TYPE_CHECKING:
    import plotly.graph_objects as go


MEBIBYTE = 1024**2


def _mebibytes(run: ShownRun) -> float | None:
    return run.history.peak_memory_bytes / MEBIBYTE if run.history.peak_memory_bytes > 0 else None


MEMORY = Cost("mebibytes", "peak memory (MiB)", _mebibytes, "MiB")


class QualityAgainstMemory(View):
    """The task's score at the end (the held-out loss where there is no score) against peak memory."""

    name: ClassVar[str] = "quality_memory"
    title: ClassVar[str] = "Quality against memory"
    explains: ClassVar[str] = (
        "Towards the left: fits on a smaller machine. "
        "The memory is the most that was in use while the run trained, in mebibytes, as measured. " + FRONT
    )
    order: ClassVar[int] = 32

    def table(self, runs: Sequence[ShownRun]) -> Table:
        """A row for each measured group: mebibytes, quality, deviation, n, measure, front."""
        return quality_rows(runs, MEMORY)

    def figure(self, table: Table) -> "go.Figure":
        """A marker for each row, and the front."""
        return quality_figure(table, MEMORY)
