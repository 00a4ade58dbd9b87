"""LOMO: each weight steps as soon as its gradient is there, which is then dropped; all gradients never exist at once.

Lv et al. 2023, arXiv:2306.09782, section 3.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def updating_at_once(movable: Iterable[nn.Parameter], rate: float, limit: float) -> Iterator[list[torch.Tensor]]:
    """Within, a backward pass moves the weights against their gradients; yields the squared norm of each.

    The norm of all gradients is known at the end only, so each tensor is clipped for itself.
    """
    squares: list[torch.Tensor] = []

    def step(weight: torch.Tensor) -> None:
        gradient = weight.grad
        assert gradient is not None  # the hook runs when it is there
        norm = torch.linalg.vector_norm(gradient)
        squares.append(norm.square())
        with torch.no_grad():
            weight.sub_(gradient * (rate / torch.clamp((norm + 1e-6) / limit, min=1.0)))
        weight.grad = None

    hooks = [weight.register_post_accumulate_grad_hook(step) for weight in movable if weight.requires_grad]
    try:
        yield squares
    finally:
        for hook in hooks:
            hook.remove()
