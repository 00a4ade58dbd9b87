"""The held-out loss as a number of choices."""

import math
from typing import ClassVar

from workbench.metrics.contract import Kind, Metric, Outcome

LARGEST = math.log(1e300)  # nats; beyond it exp leaves the numbers that a float can hold


class Perplexity(Metric):
    """exp(loss), the loss in nats (Jelinek et al. 1977, Perplexity, a measure of difficulty)."""

    name: ClassVar[str] = "perplexity"
    title: ClassVar[str] = "Perplexity"
    definition: ClassVar[str] = (
        "exp of the held-out loss: the model is as unsure as if so many tokens (of a head: labels) were equally likely"
    )
    kind: ClassVar[Kind] = "loss"
    low: ClassVar[float] = 1.0
    high: ClassVar[float] = math.inf
    is_higher_better: ClassVar[bool] = False
    decimals: ClassVar[int] = 2
    order: ClassVar[int] = 5

    def measure(self, outcome: Outcome) -> float:
        """exp(loss); NaN without a loss, and where the number would be beyond counting."""
        loss = outcome.loss
        return math.exp(loss) if loss is not None and loss < LARGEST else math.nan
