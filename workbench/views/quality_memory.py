"""What a byte buys: quality against peak memory."""

from typing import ClassVar

from workbench.views.contract import ShownRun
from workbench.views.pareto import FRONT, Cost, QualityAgainst

MEBIBYTE = 1024**2


def _mebibytes(run: ShownRun) -> float | None:
    return run.history.peak_memory_bytes / MEBIBYTE if run.history.peak_memory_bytes > 0 else None


MEMORY = Cost("mebibytes", "peak memory (MiB)", _mebibytes, "MiB")


class QualityAgainstMemory(QualityAgainst):
    """The task's score at the end (the held-out loss where there is no score) against peak memory."""

    name: ClassVar[str] = "quality_memory"
    title: ClassVar[str] = "Quality against memory"
    explains: ClassVar[str] = (
        "Towards the left: fits on a smaller machine. "
        "The memory is the most that was in use while the run trained, in mebibytes, as measured. " + FRONT
    )
    order: ClassVar[int] = 32
    cost: ClassVar[Cost] = MEMORY
