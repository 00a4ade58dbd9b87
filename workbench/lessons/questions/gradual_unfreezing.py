"""Questions of lesson 03, gradual unfreezing."""

from workbench.lessons.lesson import method
from workbench.lessons.question import Number, Question, Slip
from workbench.methods.gradual_unfreezing import GradualUnfreezing
from workbench.models.catalog import find_card
from workbench.spec import Budget
from workbench.training.optimizer import rate_factor

STEPS, STEP, RISING = 1000, 640, 0.1


def _times(layers_less: int = 0) -> float:
    return float(GradualUnfreezing().discriminative ** (find_card("bert-base").depth - layers_less))


def _fraction(schedule: str = "slanted") -> float:
    return rate_factor(STEP, Budget(steps=STEPS, schedule=schedule, warmup=RISING))


def _begins(stage_from_the_end: int = 1) -> float:
    depth = find_card("gpt2").depth
    chosen = method("gradual_unfreezing")
    assert isinstance(chosen, GradualUnfreezing)
    return (depth - stage_from_the_end) / depth * chosen.thawed_at


QUESTIONS: dict[str, Question] = {
    "times": Number(
        _times,
        "Each layer down divides once more. How many blocks lie above the embedding?",
        slips=(
            Slip(lambda: _times(1), "That is the lowest block. The embedding lies one layer further down."),
            Slip(lambda: 2.6 * find_card("bert-base").depth, "The factors multiply from layer to layer."),
            Slip(lambda: 1 / _times(), "Right size, turned round: ask how many times *smaller*."),
        ),
    ),
    "fraction": Number(
        _fraction,
        "Step 100 is the top. How much of the way from there to step 1000 is done? Then put the height into slanted.",
        slips=(
            Slip(lambda: _fraction("linear"), "Nearly: the rate does not fall to 0, but to a 32nd of the highest."),
            Slip(lambda: _fraction("cosine"), "That is the cosine. Slanted rates fall in a line."),
            Slip(lambda: 1 - STEP / STEPS, "The way down begins at step 100, not at step 0."),
        ),
    ),
    "begins": Number(
        _begins,
        "Twelve layers join the top one, the last at one half. The lowest block is the last but one.",
        slips=(
            Slip(lambda: _begins(0), "That is the embedding. The lowest block comes one stage before."),
            Slip(lambda: 2 * _begins(), "All of it moves from half of the training on, not from its end."),
        ),
    ),
}
