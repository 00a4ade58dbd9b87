"""Questions of lesson 10, learning rates."""

from workbench.lessons.question import Number, Question, Slip, Words

STEPS, PEAK = 150, 1e-3
ALPHA_RATE, ALPHA_BEFORE, ALPHA_AFTER = 0.01, 16, 4


def _farthest() -> float:
    from workbench.spec import Budget
    from workbench.training.optimizer import rate_factor

    return PEAK * sum(rate_factor(step, Budget(steps=STEPS)) for step in range(STEPS))


def _alpha() -> float:
    return ALPHA_RATE * ALPHA_BEFORE / ALPHA_AFTER


QUESTIONS: dict[str, Question] = {
    "farthest": Number(
        _farthest,
        "Add up the rates of all steps: in each the multiplier goes as far as the rate, at most.",
        tolerance=0.01,
        slips=(
            Slip(lambda: STEPS * PEAK, "That would be the peak in every step. The rate rises first and then falls."),
            Slip(lambda: 1 + _farthest(), "That is where the multiplier is. How far is that from 1?"),
            Slip(lambda: _farthest() / PEAK, "Those are steps at full rate. How long is each?"),
        ),
    ),
    "alpha": Number(
        _alpha,
        "The first step makes every number of B as large as the rate. What is multiplied with it?",
        slips=(
            Slip(lambda: ALPHA_RATE * ALPHA_AFTER / ALPHA_BEFORE, "The change has become weaker. Up or down?"),
            Slip(lambda: ALPHA_RATE * (ALPHA_BEFORE / ALPHA_AFTER) ** 2, "Only B moves in the first step, A does not."),
            Slip(lambda: ALPHA_RATE, "The scale alpha / rank is four times smaller. Does B know?"),
        ),
    ),
    "thousandfold": Words(
        ("2f77aec7f32f46eed977",),
        "What divides the mean of the gradient has grown as well.",
        options=("a thousand times as far", "as far as before", "a thousandth as far"),
    ),
}
