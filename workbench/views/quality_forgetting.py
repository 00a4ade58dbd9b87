"""What is given up for the task: quality against forgetting."""

from typing import ClassVar

from workbench.views.contract import ShownRun
from workbench.views.pareto import FRONT, Cost, QualityAgainst


def _forgotten(run: ShownRun) -> float | None:
    return run.history.forgotten


FORGETTING = Cost("forgetting", "forgetting (nats per token)", _forgotten, "nats forgotten", "+.3f")


class QualityAgainstForgetting(QualityAgainst):
    """The task's score at the end (the held-out loss where there is no score) against forgetting."""

    name: ClassVar[str] = "quality_forgetting"
    title: ClassVar[str] = "Quality against forgetting"
    explains: ClassVar[str] = (
        "Towards the left: less was forgotten of the base model's own kind of text. At 0 nothing was, below 0 its loss "
        "even fell. " + FRONT
    )
    order: ClassVar[int] = 33
    cost: ClassVar[Cost] = FORGETTING
