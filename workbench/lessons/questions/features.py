"""Questions of lesson 01, features or fine-tuning."""

from collections.abc import Sequence
from statistics import fmean

from workbench.lessons.lesson import losses
from workbench.lessons.question import Number, Question, Slip, Words
from workbench.models.catalog import find_card
from workbench.views.contract import ShownRun

TEXTS, PLACES, BYTES = 10_000, 64, 4


def _mebibytes() -> float:
    return TEXTS * PLACES * find_card("gpt2").width * BYTES / 2**20


def _fraction(runs: Sequence[ShownRun], start: str = "scratch", end: str = "full") -> float:
    mean = {name: fmean(found) for name, found in losses(runs).items()}
    return (mean[start] - mean["feature_based"]) / (mean[start] - mean[end])


QUESTIONS: dict[str, Question] = {
    "mebibytes": Number(
        _mebibytes,
        "Texts times places times numbers of a vector times bytes of a number, divided by 2**20.",
        slips=(
            Slip(lambda: _mebibytes() / BYTES, "A number in float32 takes four bytes."),
            Slip(lambda: _mebibytes() / PLACES, "That is one vector a text. Each place has its own."),
            Slip(lambda: _mebibytes() * 2**20, "That is bytes. A MiB has 2**20 of them."),
            Slip(lambda: _mebibytes() * 2**20 / 1e6, "That is millions of bytes. A MiB has 2**20 of them."),
        ),
    ),
    "fraction": Number(
        _fraction,
        "The whole way is mean(scratch) - mean(full). How much of it lies between scratch and feature_based?",
        tolerance=0.01,
        slips=(
            Slip(lambda runs: 100 * _fraction(runs), "That is in percent. The question asks for a fraction."),
            Slip(lambda runs: 1 - _fraction(runs), "That is the part that is still missing."),
            Slip(lambda runs: _fraction(runs, start="none"), "That way starts at the untuned model, not at scratch."),
        ),
    ),
    "nothing_kept": Words(
        ("100b2ae580d273a8e027",),
        "What is computed by weights that never move stays the same. Where is there no such weight?",
        options=("feature_based", "last_layers", "full"),
    ),
}
