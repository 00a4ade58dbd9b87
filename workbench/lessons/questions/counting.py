"""Questions of lesson 07, counting numbers and bytes."""

from workbench.lessons.lesson import anatomy
from workbench.lessons.question import Number, Question, Slip, Words

BYTES = 2  # of a number in the checkpoint that is asked for


def _misprint() -> int:
    return anatomy("gpt2-medium", "lora:rank=4:targets=query+value").trainable


def _checkpoint() -> int:
    return BYTES * anatomy("gpt3-175b", "lora:rank=4:targets=query+value").trainable


QUESTIONS: dict[str, Question] = {
    "misprint": Number(
        _misprint,
        "Use lora() from above: how many matrices are there in 24 blocks?",
        tolerance=1e-6,
        slips=(
            Slip(lambda: _misprint() / 2, "Queries *and* values: two matrices a block, each with an A and a B."),
            Slip(lambda: _misprint() / 24, "That is one block."),
            Slip(lambda: 350_000, "That is what the paper prints. Count it."),
        ),
    ),
    "checkpoint": Number(
        _checkpoint,
        "Count the numbers with lora(), then multiply with the bytes of each.",
        slips=(
            Slip(lambda: _checkpoint() / BYTES, "Those are numbers. How many bytes has each?"),
            Slip(lambda: 2 * _checkpoint(), "Two bytes a number, not four."),
            Slip(lambda: 35e6, "That is what the paper says. Count it, and see which megabytes it means."),
        ),
    ),
    "least_saved": Words(
        ("a51787ecf4b086974aeb",),
        "Which of the three is not a number kept for each one that moves?",
        options=("gradients", "optimizer", "activations"),
    ),
}
