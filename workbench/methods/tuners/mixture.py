"""Several linear layers in the place of one: a random one in training, their average otherwise."""

from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn


def mixed(layer: nn.Module, copies: int) -> nn.Module:
    """A mixture of so many copies of a linear layer; the layer itself where one is asked for."""
    return Mixture(layer, copies) if copies > 1 else layer


class Mixture(nn.ModuleList):
    """Copies of a linear layer, alike at the start as in the code of Wang et al. 2022, arXiv:2205.12410.

    Each pass in training draws one of them from torch's random numbers on the CPU; at rest one layer serves that is
    their average, and so it is in `state_dict()`, which has `weight` and `bias` as a single layer has.
    """

    def __init__(self, layer: nn.Module, copies: int) -> None:
        super().__init__(deepcopy(layer) for _ in range(copies))
        self.register_state_dict_post_hook(_average_alone)  # type: ignore[no-untyped-call]

    def forward(self, x: Tensor) -> Tensor:
        """(..., inputs) to (..., outputs)."""
        if self.training:
            result: Tensor = self[int(torch.randint(len(self), ()))](x)
            return result
        return nn.functional.linear(x, self.average("weight"), self.average("bias"))

    def average(self, slot: str) -> Tensor:
        """The mean of the copies' weights or biases."""
        return torch.stack([getattr(layer, slot) for layer in self]).mean(0)


def _average_alone(mixture: Mixture, state: dict[str, Any], prefix: str, metadata: Any) -> None:
    """Put the average into a state dict where the copies are."""
    for slot in ("weight", "bias"):
        for number in range(len(mixture)):
            del state[f"{prefix}{number}.{slot}"]
        state[f"{prefix}{slot}"] = mixture.average(slot).detach()
