"""Questions of lesson 00, a first race."""

import math
from collections.abc import Sequence
from statistics import fmean

from workbench.lessons.lesson import losses
from workbench.lessons.question import Number, Question, Slip, Words
from workbench.views.contract import ShownRun


def _gain(runs: Sequence[ShownRun], beside: str = "none") -> float:
    found = losses(runs)
    return fmean(found[beside]) - fmean(found["full"])


QUESTIONS: dict[str, Question] = {
    "gain": Number(
        _gain,
        "Take the mean over the seeds of losses['none'] and of losses['full'], and subtract.",
        tolerance=0.01,
        slips=(
            Slip(lambda runs: -_gain(runs), "Right size, wrong sign: ask how much *lower* full tuning ended."),
            Slip(lambda runs: _gain(runs, "scratch"), "That is the distance to scratch; the question is about none."),
            Slip(lambda runs: 3 * _gain(runs), "That is a sum over the seeds. Divide by their number."),
        ),
    ),
    "perplexity": Number(
        lambda: math.exp(1.7),
        "math.exp does it.",
        tolerance=0.01,
        slips=(
            Slip(lambda: 2**1.7, "Two to the power would be right if the loss were in bits. Nats are powers of e."),
            Slip(lambda: math.exp(-1.7), "That is the probability of the right word. Turn it round."),
        ),
    ),
    "beside_full": Words(
        ("eb7a726495d90a395a14",),
        "Look for the run that differs from full in one thing alone: what it had read before.",
        options=("none", "scratch", "lora"),
    ),
}
