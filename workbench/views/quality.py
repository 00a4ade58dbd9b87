"""What a trained number buys: quality against the number of trainable parameters."""

from typing import ClassVar

from workbench.views.contract import ShownRun
from workbench.views.pareto import FRONT, Cost, QualityAgainst


def _trainable(run: ShownRun) -> int | None:
    return int(run.history.counts["trainable"]) if run.history.counts else None


PARAMETERS = Cost(
    "trainable", "trainable parameters (logarithmic)", _trainable, "trainable parameters", ",.0f", is_logarithmic=True
)


class Quality(QualityAgainst):
    """The task's score at the end (the held-out loss where there is no score) against trainable parameters."""

    name: ClassVar[str] = "quality"
    title: ClassVar[str] = "Quality against parameters"
    explains: ClassVar[str] = (
        "Towards the left: fewer trained numbers, a smaller file to keep. "
        "A dotted level is a run that trains nothing: 0 has no place on a logarithmic scale. " + FRONT
    )
    order: ClassVar[int] = 30
    cost: ClassVar[Cost] = PARAMETERS
