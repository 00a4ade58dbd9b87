"""Questions of lesson 08, little data."""

from statistics import NormalDist

from workbench.lessons.question import Number, Question, Slip

STEPS, EXAMPLES, BATCH = 150, 20, 8
EVERY, BEST, LAST = 25, 5, 7  # places of the looks whose weights are kept, and after which the run is stopped
RUNS, NOISE = 10, 0.1


def _times() -> float:
    batches = -(-EXAMPLES // BATCH)
    return STEPS / batches


def _lowest_of(count: int) -> float:
    """How far below 0 the lowest of so many normal numbers lies on average: n x f(x) (1 - F(x))^(n-1), summed up."""
    normal, width = NormalDist(), 1e-3
    points = [width * place for place in range(-8000, 8001)]
    return -sum(width * count * x * normal.pdf(x) * (1 - normal.cdf(x)) ** (count - 1) for x in points)


QUESTIONS: dict[str, Question] = {
    "times": Number(
        _times,
        "How many batches, and so how many steps, does it take to read all twenty once?",
        slips=(
            Slip(lambda: STEPS * BATCH / EXAMPLES, "That would be right if every batch had eight. The third has six."),
            Slip(lambda: STEPS, "A step reads one batch, not all of the examples."),
        ),
    ),
    "step": Number(
        lambda: EVERY * BEST,
        "Go along the looks and count how many in a row were no better than the best so far.",
        slips=(
            Slip(lambda: EVERY * LAST, "There it stops. Which weights does it keep?"),
            Slip(lambda: EVERY * (LAST + 1), "The run has been stopped before that look."),
            Slip(lambda: EVERY * 3, "One look was worse, the next was better again. Patience is two."),
            Slip(lambda: BEST, "That is the number of the look. After how many steps is it?"),
        ),
    ),
    "flattered": Number(
        lambda: NOISE * _lowest_of(RUNS),
        "Draw ten numbers with this deviation, take the lowest, and average over many such draws.",
        tolerance=0.02,
        slips=(
            Slip(lambda: -NOISE * _lowest_of(RUNS), "By how much is the report too low? Give it without the sign."),
            Slip(lambda: _lowest_of(RUNS), "That is for a deviation of 1. Here it is 0.1 nats."),
            Slip(lambda: NOISE, "That is how far a single run is off. The lowest of ten is further away."),
        ),
    ),
}
