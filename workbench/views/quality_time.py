"""What a second buys: quality against the time that a run worked."""

from typing import ClassVar

from workbench.views.contract import ShownRun
from workbench.views.pareto import FRONT, Cost, QualityAgainst


def _seconds(run: ShownRun) -> float | None:
    return run.history.seconds or None


TIME = Cost("seconds", "time (seconds of the run's own work)", _seconds, "seconds")


class QualityAgainstTime(QualityAgainst):
    """The task's score at the end (the held-out loss where there is no score) against seconds."""

    name: ClassVar[str] = "quality_time"
    title: ClassVar[str] = "Quality against time"
    explains: ClassVar[str] = (
        "Towards the left: sooner done. The time is what the run worked itself, evaluations included, in seconds. "
        + FRONT
    )
    order: ClassVar[int] = 31
    cost: ClassVar[Cost] = TIME
