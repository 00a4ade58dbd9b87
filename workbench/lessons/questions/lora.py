"""Questions of lesson 06, LoRA and its relatives."""

from workbench.lessons.lesson import anatomy, method
from workbench.lessons.question import Number, Question, Slip, Words
from workbench.models.catalog import find_card


def _numbers() -> int:
    return anatomy("llama-7b", "lora:rank=16:targets=all_linear").trainable


def _attention_only() -> int:
    return anatomy("llama-7b", "lora:rank=16:targets=query+key+value+output").trainable


def _break_even() -> float:
    card = find_card("gpt2")
    one, two = (method(f"lora:rank={rank}:targets=output").anatomy(card).trainable / card.depth for rank in (1, 2))
    return card.width**2 / (two - one)


QUESTIONS: dict[str, Question] = {
    "numbers": Number(
        _numbers,
        "For each matrix A has rank * inputs numbers and B outputs * rank. Add up the seven of a block.",
        tolerance=1e-6,
        slips=(
            Slip(lambda: _numbers() / 32, "That is one block. How many are there?"),
            Slip(lambda: _numbers() / 16, "That is rank 1."),
            Slip(_attention_only, "That is attention alone. Three more matrices of each block belong to it."),
            Slip(lambda: _numbers() - _attention_only(), "The four of attention are missing."),
        ),
    ),
    "break_even": Number(
        _break_even,
        "Set rank * (inputs + outputs) equal to inputs * outputs.",
        slips=(Slip(lambda: 2 * _break_even(), "There are two thin matrices, A and B, and both count."),),
    ),
    "both_zero": Words(
        ("1db4e43b0fd6104201d8",),
        "The gradient of A has the factor B, and the gradient of B has the factor A. What are they if both are zero?",
        options=("learn as before", "learn more slowly", "never move"),
    ),
}
