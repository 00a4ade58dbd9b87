"""Questions of lesson 11, scale."""

import math

from workbench.lessons.lesson import anatomy
from workbench.lessons.question import Number, Question, Slip, Words
from workbench.models.catalog import find_card

EXPONENT = -0.1


def _times() -> float:
    return anatomy("gpt2", "prompt").percent / anatomy("gpt3-175b", "prompt").percent


def _models_alone() -> float:
    return find_card("gpt3-175b").parameters / find_card("gpt2").parameters


def _growth() -> float:
    return math.pow(0.5, 1 / EXPONENT)


QUESTIONS: dict[str, Question] = {
    "times": Number(
        _times,
        "Divide the share in the small model by the share in the large one.",
        tolerance=0.01,
        slips=(
            Slip(lambda: 1 / _times(), "Turn the division round: how many times *smaller*?"),
            Slip(_models_alone, "That is how much larger the model is. Its prompt has grown as well."),
            Slip(lambda: 12288 / 768, "That is how much larger the prompt is. The model has grown as well."),
        ),
    ),
    "growth": Number(
        _growth,
        "Solve growth ** -0.1 = 0.5.",
        slips=(
            Slip(lambda: 2**-EXPONENT, "That is how the gap changes where the model doubles. Turn it round."),
            Slip(lambda: 2 / -EXPONENT, "A power, not a product: growth ** -0.1 = 0.5."),
            Slip(lambda: 1 / _growth(), "The model has to grow, not to shrink."),
        ),
    ),
    "also_differs": Words(
        ("3c34eacf00cc22d4ba11",),
        "Look at the second row of that table.",
        options=("the tokens it has read", "the vocabulary", "the task"),
    ),
}
