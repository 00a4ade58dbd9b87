"""Differences from a base that are learned behind gates, which close where the difference does not matter."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.methods.contract import Tuned

if TYPE_CHECKING:
    import torch
    from torch import nn

# The gates' distribution reaches from below 0 to above 1 before it is clipped, and gates start open: `concrete_lower`,
# `concrete_upper` and `alpha_init` of the authors' experiments.
LOW, HIGH, OPEN = -1.5, 1.5, 5.0
EDGE = 1e-6  # the random numbers behind a gate keep this far from 0 and 1, where their logits are infinite
LARGEST_INT32 = 2**31


@dataclass
class Gated(Tuned):
    """A tuned model with a gated difference for each weight of the base.

    Its memory holds, once it is pruned, which entries of each difference stay.
    """

    differences: "tuple[Difference, ...]" = ()

    @property
    def is_pruned(self) -> bool:
        """Whether it is decided which entries stay."""
        return bool(self.memory)


@dataclass(frozen=True)
class Difference:
    """What is added to one weight of the base: `entries`, each behind its gate; `whole` is the gate of them all."""

    name: str
    base: "nn.Parameter"
    entries: "nn.Parameter"
    gates: "nn.Parameter"
    whole: "nn.Parameter | None"

    def gated(self, training: bool) -> "torch.Tensor":
        """z * w, with random gates in training and the most likely ones else."""
        z = gate(self.gates, training)
        return z * self.entries if self.whole is None else z * gate(self.whole, training) * self.entries

    def open_entries(self) -> "torch.Tensor":
        """How many entries are expected not to be zero: Louizos et al. 2017, arXiv:1712.01312, equation 12."""
        import torch

        shift = math.log(-LOW / HIGH)
        entries = torch.sigmoid(self.gates - shift).sum()
        return entries if self.whole is None else entries * torch.sigmoid(self.whole - shift).sum()


def gate(alpha: "torch.Tensor", training: bool) -> "torch.Tensor":
    """Hard concrete gates in [0, 1], many of them exactly 0 or 1 (Guo et al. 2021, section 3.1)."""
    import torch

    noise = torch.rand_like(alpha).logit(eps=EDGE) if training else 0.0
    return (torch.sigmoid(alpha + noise) * (HIGH - LOW) + LOW).clamp(0.0, 1.0)


def penalty(tuned: Gated, strength: float) -> "torch.Tensor":
    """The strength times the share of all entries that is expected not to be zero; nothing once it is pruned."""
    import torch

    if tuned.is_pruned:
        return torch.zeros(())
    total = sum(difference.entries.numel() for difference in tuned.differences)
    return strength * torch.stack([difference.open_entries() for difference in tuned.differences]).sum() / total


def changed(tuned: Gated) -> "dict[str, torch.Tensor]":
    """All weights by the base's names."""
    return {difference.name: difference.base + change for difference, change in _changes(tuned, tuned.model.training)}


def _changes(tuned: Gated, training: bool) -> "Iterator[tuple[Difference, torch.Tensor]]":
    for difference in tuned.differences:
        kept = tuned.memory.get(f"kept/{difference.name}")
        yield difference, difference.gated(training) if kept is None else difference.entries * kept


def largest(tuned: Gated, number: int) -> "tuple[torch.Tensor, torch.Tensor]":
    """The so many largest entries of all differences together: their values, and their places in the flat model."""
    import torch

    with torch.no_grad():
        flat = torch.cat([change.flatten() for _, change in _changes(tuned, training=False)])
        if tuned.is_pruned:
            kept = [tuned.memory[f"kept/{difference.name}"].flatten() for difference in tuned.differences]
            places = torch.cat(kept).nonzero().flatten()
        else:
            places = flat.abs().topk(number).indices.sort().values
        return flat[places], places.int() if len(flat) < LARGEST_INT32 else places


def prune(tuned: Gated, number: int) -> None:
    """Keep the so many largest entries as they are behind their gates; the others are zero from here on."""
    import torch

    _, places = largest(tuned, number)
    with torch.no_grad():
        changes = [change for _, change in _changes(tuned, training=False)]
        flat = torch.zeros(sum(change.numel() for change in changes), dtype=torch.bool, device=places.device)
        flat[places] = True
        masks = torch.split(flat, [change.numel() for change in changes])
        for difference, change, mask in zip(tuned.differences, changes, masks, strict=True):
            kept = mask.view_as(change)
            difference.entries.copy_(change * kept)
            tuned.memory[f"kept/{difference.name}"] = kept


def placed(
    base: "Mapping[str, nn.Parameter]", values: "torch.Tensor", places: "torch.Tensor"
) -> "dict[str, torch.Tensor]":
    """Those weights of the base that change, with the values added at their places in the flat model.

    Raises:
        ValueError: there are places outside of the model.
    """
    import torch

    first, weights = 0, {}
    if len(values) != len(places) or not bool((places >= 0).all()):
        raise ValueError("values and places do not belong together")
    if len(places) and int(places.max()) >= sum(parameter.numel() for parameter in base.values()):
        raise ValueError("a place is outside of the model")
    for name, parameter in base.items():
        own = (places >= first) & (places < first + parameter.numel())
        if bool(own.any()):
            change = torch.zeros(parameter.numel(), device=values.device)
            change[places[own].long() - first] = values[own]
            weights[name] = parameter.detach() + change.view_as(parameter)
        first += parameter.numel()
    return weights
