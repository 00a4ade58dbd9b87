"""Sizes of blocks that divide what every matrix of a model takes in."""

from collections.abc import Iterable
from math import gcd


def fitting_block(inputs: Iterable[int], most: int, step: int = 1) -> int:
    """The greatest size up to `most` of which `step` times as much divides all of these; 0 where none does."""
    common = gcd(*inputs)
    return max((size for size in range(1, most + 1) if common % (size * step) == 0), default=0)
