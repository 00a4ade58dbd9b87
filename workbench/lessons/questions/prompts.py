"""Questions of lesson 05, words and soft prompts."""

from collections.abc import Sequence
from statistics import fmean

from workbench.lessons.lesson import anatomy, losses
from workbench.lessons.question import Number, Question, Slip, Words
from workbench.models.catalog import find_card
from workbench.views.contract import ShownRun

VECTORS = 100


def _tasks() -> float:
    model = "t5-v1.1-xxl"
    return find_card(model).parameters / anatomy(model, f"prompt:virtual_tokens={VECTORS}").trainable


def _share(runs: Sequence[ShownRun]) -> float:
    untuned, tuned, prompted = (fmean(losses(runs)[method]) for method in ("none", "full", "prompt"))
    return (untuned - prompted) / (untuned - tuned)


QUESTIONS: dict[str, Question] = {
    "tasks": Number(
        _tasks,
        "One task takes vectors * width numbers. How often does that go into the numbers of the model?",
        slips=(
            Slip(lambda: _tasks() * VECTORS, "That is a prompt of one vector; here it has more."),
            Slip(lambda: 1 / _tasks(), "Turn the division round."),
            Slip(lambda: VECTORS * 4096, "That is the size of one prompt. How often does it fit?"),
        ),
    ),
    "share": Number(
        _share,
        "Divide what prompt gained over none by what full gained over none.",
        tolerance=0.01,
        slips=(
            Slip(lambda runs: 1 - _share(runs), "That is the part of the way that is still ahead."),
            Slip(lambda runs: 1 / _share(runs), "Turn the division round."),
            Slip(lambda runs: 100 * _share(runs), "Right, in percent. Give it as a fraction."),
        ),
    ),
    "read_without": Words(
        ("31e8f050655397732be7",),
        "What stands before the vectors cannot see them. What stands there?",
        options=("the question", "the answer", "both"),
    ),
}
