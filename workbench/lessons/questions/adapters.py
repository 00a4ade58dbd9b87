"""Questions of lesson 02, adapters."""

from workbench.lessons.lesson import anatomy
from workbench.lessons.question import Number, Question, Slip, Words


def _numbers() -> int:
    return anatomy("bert-base", "adapter:width=64").trainable


def _middle(placement: str = "houlsby") -> int:
    most = anatomy("roberta-base", "lora:rank=8:targets=query+value").trainable
    choices = {width: f"adapter:width={width}:placement={placement}" for width in range(1, 65)}
    return max(width for width, choice in choices.items() if anatomy("gpt2", choice).trainable <= most)


QUESTIONS: dict[str, Question] = {
    "numbers": Number(
        _numbers,
        "One adapter: down has width * middle numbers and a bias, up as many and a bias. Two a block, twelve blocks.",
        tolerance=1e-6,
        slips=(
            Slip(lambda: _numbers() / 2, "That is one adapter a block; Houlsby's has two."),
            Slip(lambda: _numbers() / 24, "That is one adapter. How many are there?"),
            Slip(lambda: 2 * 24 * 768 * 64, "Nearly: down and up have biases too."),
        ),
    ),
    "middle": Number(
        _middle,
        "Solve 24 * (2 * 768 * middle + 768 + middle) = 294912 for the middle, and round down.",
        slips=(
            Slip(lambda: _middle("pfeiffer"), "That is one adapter a block; here there are two."),
            Slip(lambda: _middle() + 1, "That is a little more than 294,912."),
        ),
    ),
    "obstacle": Words(
        ("7e5ba46ee5d2606a6ddf",),
        "A product of matrices is a matrix again, and so is a sum with the identity. What in the adapter is neither?",
        options=("the residual", "the bias", "the nonlinearity"),
    ),
}
