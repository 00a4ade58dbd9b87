"""Questions of lesson 04, prefix tuning."""

from workbench.lessons.lesson import anatomy
from workbench.lessons.question import Number, Question, Slip, Words
from workbench.models.catalog import find_card

PREFIX, TEXT = 10, 40


def _kept(virtual_tokens: int = 20) -> int:
    return anatomy("llama-7b", f"prefix:virtual_tokens={virtual_tokens}:reparameterize=false").trainable


QUESTIONS: dict[str, Question] = {
    "kept": Number(
        _kept,
        "For each virtual token and each block a key and a value, each as wide as all heads together.",
        tolerance=1e-6,
        slips=(
            Slip(lambda: _kept() / 2, "A key or a value? Each block needs both."),
            Slip(lambda: _kept(1), "That is one virtual token. How many are there?"),
            Slip(
                lambda: _kept() / find_card("llama-7b").depth,
                "Every block has its own, and every head of it (32 each).",
            ),
        ),
    ),
    "fraction": Number(
        lambda: PREFIX / (PREFIX + TEXT),
        "Equal fits have equal weights. How many keys are there in all, and how many are the prefix's?",
        slips=(
            Slip(lambda: PREFIX / TEXT, "That is prefix to text. Divide by all keys, the prefix's included."),
            Slip(lambda: TEXT / (PREFIX + TEXT), "That is what the text keeps."),
            Slip(lambda: 100 * PREFIX / (PREFIX + TEXT), "That is in percent. The question asks for a fraction."),
        ),
    ),
    "can_happen": Words(
        ("9c135a272c5da54a9e16",),
        "By check 1 the rest is divided as before. Which answer leaves the two words as they were to each other?",
        options=("8 % and 4 %", "20 % and 20 %", "5 % and 10 %"),
    ),
}
