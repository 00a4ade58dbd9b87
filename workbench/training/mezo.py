"""MeZO: the slope along one random direction, from two forward passes; no gradient and no optimizer state is kept.

Malladi et al. 2023, arXiv:2305.17333, algorithm 1.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from workbench.training.evaluate import at_rest

if TYPE_CHECKING:
    from workbench.training.build import Run

EPSILON = 1e-3  # how far the weights are pushed to either side, as in the paper
STRIDE = 1_000_003  # between the seeds of two runs, so that their steps share none


def estimate_and_move(run: "Run", loss: Callable[[], float], rate: float) -> tuple[float, float]:
    """Push all weights along one direction to either side, compare the losses, and step: mean loss, and |slope|.

    The direction is drawn anew from its seed each time it is needed, so that it takes no memory but a tensor's.
    """
    seed = run.checked.spec.seed * STRIDE + run.step
    with at_rest(run.tuned.model):
        _push(run, seed, EPSILON)
        above = loss()
        _push(run, seed, -2 * EPSILON)
        below = loss()
        slope = (above - below) / (2 * EPSILON)
        _push(run, seed, EPSILON - rate * slope)  # back to the start, and the step
    return (above + below) / 2, abs(slope)


def _push(run: "Run", seed: int, distance: float) -> None:
    """Move every weight by the distance times its part of the direction that the seed draws."""
    generator = torch.Generator(run.bench.device.place).manual_seed(seed)
    for weight in run.tuned.movable.values():
        direction = torch.randn(weight.shape, generator=generator, device=weight.device, dtype=weight.dtype)
        weight.add_(direction, alpha=distance)
