"""Questions of lesson 09, forgetting."""

import math
from collections.abc import Sequence

from workbench.lessons.question import Number, Question, Slip
from workbench.models.catalog import find_card
from workbench.views.contract import ShownRun
from workbench.views.seeds import group_rows, grouped

ALPHA, MIX = 32, 0.25


def _uniform() -> float:
    return math.log(find_card("gpt2").vocabulary)


def _points(runs: Sequence[ShownRun]) -> list[tuple[float, float]]:
    """Mean loss and mean forgetting of each group."""
    return [(row["loss"], row["change"]) for row in group_rows(grouped(runs))]


def _front(runs: Sequence[ShownRun]) -> int:
    points = _points(runs)
    return sum(not any(loss < own[0] and change < own[1] for loss, change in points) for own in points)


QUESTIONS: dict[str, Question] = {
    "uniform": Number(
        _uniform,
        "Each token has the probability one over the number of tokens. The loss is minus its natural logarithm.",
        slips=(
            Slip(lambda: math.log2(find_card("gpt2").vocabulary), "That is in bits. Nats take the natural logarithm."),
            Slip(lambda: find_card("gpt2").vocabulary, "That is the perplexity. The loss is its natural logarithm."),
            Slip(lambda: -_uniform(), "Right size. The loss is *minus* the logarithm of the probability."),
        ),
    ),
    "mixed_lora": Number(
        lambda: ALPHA * MIX,
        "Mixing multiplies the difference between the two matrices. What is that difference?",
        slips=(
            Slip(lambda: ALPHA * MIX / 8, "That is the scale alpha / rank. Which alpha gives it at rank 8?"),
            Slip(lambda: ALPHA * (1 - MIX), "That is a quarter of the way from the tuned model. Start at the base."),
            Slip(lambda: ALPHA / MIX, "The change has become smaller, not larger."),
        ),
    ),
    "front": Number(
        _front,
        "For each point ask whether any other has both a lower loss and less forgetting. Count those where none has.",
        tolerance=1e-6,
        slips=(
            Slip(lambda runs: len(_points(runs)) - _front(runs), "Those are the points that are beaten."),
            Slip(lambda runs: 3 * _front(runs), "Count each way of tuning and rate once, not each seed."),
        ),
    ),
}
