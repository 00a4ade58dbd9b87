"""Curves of a dozen characters, all on one scale so that runs can be compared."""

import math
from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII = "_.-~=+*#"


def sparkline(values: Sequence[float], low: float, high: float, width: int, marks: str = BLOCKS) -> str:
    """The values as `width` marks or fewer, each the mean of a stretch; `low` and `high` end the scale."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite or width < 1:
        return ""
    count = min(width, len(finite))
    means = [_mean(finite[len(finite) * place // count : len(finite) * (place + 1) // count]) for place in range(count)]
    return "".join(_mark(value, low, high, marks) for value in means)


def scale(curves: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Lowest and highest finite value of all curves; (0, 1) where there is none."""
    finite = [value for curve in curves for value in curve if math.isfinite(value)]
    return (min(finite), max(finite)) if finite else (0.0, 1.0)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _mark(value: float, low: float, high: float, marks: str) -> str:
    fraction = (value - low) / (high - low) if high > low else 0.0
    return marks[min(len(marks) - 1, max(0, int(fraction * len(marks))))]
