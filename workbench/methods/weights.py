"""Weights of a base that several runs share: freeze them, clone those that are to move, put them back."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class Place:
    """A slot of a module that holds a moving weight, and the base's own weight for it (None where it has none)."""

    module: "nn.Module"
    slot: str
    base: "nn.Parameter | None"


def freeze(model: "nn.Module") -> None:
    """Let no parameter of the model move."""
    for parameter in model.parameters():
        parameter.requires_grad_(False)


def release(model: "nn.Module", names: Collection[str]) -> tuple[dict[str, "nn.Parameter"], list[Place]]:
    """Freeze the model, then put a clone that may move into every place of the named parameters.

    Returns:
        The clones by name in the model's order, and every place that was filled; a tied weight has one clone in two.
    """
    from torch import nn

    freeze(model)
    named = dict(model.named_parameters())
    clones = {name: nn.Parameter(weight.detach().clone()) for name, weight in named.items() if name in names}
    by_base = {id(named[name]): clone for name, clone in clones.items()}
    places = [
        Place(module, slot, parameter)
        for module in model.modules()
        for slot, parameter in module.named_parameters(recurse=False, remove_duplicate=False)
        if id(parameter) in by_base
    ]
    for place in places:
        setattr(place.module, place.slot, by_base[id(place.base)])
    return clones, places


@contextmanager
def base_in_place(places: Collection[Place]) -> Iterator[None]:
    """Within, the base's own weights stand in these places; the moving ones come back afterwards.

    The parameters are exchanged, not their numbers: optimizer and autograd hold on to the moving ones.
    """
    moving = [getattr(place.module, place.slot) for place in places]
    for place in places:
        setattr(place.module, place.slot, place.base)
    try:
        yield
    finally:
        for place, parameter in zip(places, moving, strict=True):
            setattr(place.module, place.slot, parameter)


@contextmanager
def seeded(generator: "torch.Generator") -> Iterator[None]:
    """Within, torch's random numbers on the CPU come from the generator; outside they go on as if unused."""
    import torch

    state = torch.get_rng_state()
    torch.default_generator.manual_seed(int(torch.randint(2**62, (), generator=generator)))
    try:
        yield
    finally:
        torch.set_rng_state(state)
