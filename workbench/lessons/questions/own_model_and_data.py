"""Questions of lesson 12, a model and data of one's own."""

import math

from workbench.lessons.question import Number, Question, Slip, Words

DIGITS, LEARNED = 6, 30
PROMPT, TARGET, LIMIT = 300, 50, 256


def _suspicious() -> float:
    return DIGITS * math.log(10) / LEARNED


def _remaining() -> int:
    return LIMIT - 1 - (TARGET + 1)


QUESTIONS: dict[str, Question] = {
    "suspicious": Number(
        _suspicious,
        "How many nats does one digit cost whoever can only guess? Then spread them over all learned tokens.",
        tolerance=0.01,
        slips=(
            Slip(lambda: DIGITS * math.log2(10) / LEARNED, "Those are bits. A nat takes the natural logarithm."),
            Slip(
                lambda: DIGITS * math.log10(10) / LEARNED, "That is the decimal logarithm; nats take the natural one."
            ),
            Slip(lambda: DIGITS * math.log(10), "That is a whole letter. How many tokens share it?"),
            Slip(lambda: math.log(10), "That is one digit. How many are there, and how many tokens share them?"),
            Slip(lambda: math.log(10) / LEARNED, "That is one digit of six."),
        ),
    ),
    "remaining": Number(
        _remaining,
        "The target keeps its place, and so do the start and the end. What is left goes to the prompt.",
        tolerance=1e-6,
        slips=(
            Slip(lambda: LIMIT - TARGET, "The start token and the end token take a place each."),
            Slip(lambda: LIMIT - TARGET - 1, "Both the start and the end take a place."),
            Slip(lambda: LIMIT, "The limit holds for prompt and target together."),
            Slip(lambda: PROMPT + TARGET + 2 - LIMIT, "So many are cut. How many are left?"),
        ),
    ),
    "held_out_by": Words(
        ("41176a959ac6ecd269df",),
        "What do two letters of one patient share, that a letter of another one does not?",
        options=("by letter", "by patient", "by length"),
    ),
}
