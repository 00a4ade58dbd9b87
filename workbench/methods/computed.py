"""Weights that are computed for each forward pass out of the base's own, which stay in the model as they are."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import nn

    Weights = Mapping[str, "torch.Tensor"]


@dataclass
class ComputedWeights:
    """Puts what `compute` gives into each layer of a model while that layer is at work.

    `compute` gives all weights by the base's names; a tied weight goes into each of its places. `decided_by` are the
    parameters that it reads: as long as they stay the same and no gradient is wanted, the weights are computed once.
    """

    model: "nn.Module"
    compute: "Callable[[], Weights]"
    decided_by: "tuple[nn.Parameter, ...]"
    is_off: bool = False
    _held: "Weights | None" = None
    _valid_for: object = None
    _own: dict[Any, dict[str, Any]] = field(default_factory=dict)

    def install(self, base: "Mapping[str, nn.Parameter]") -> None:
        """Hook into the model and into every module that holds one of these weights of the base."""
        names = {id(parameter): name for name, parameter in base.items()}
        self.model.register_forward_pre_hook(self._forget_graph)
        self.model.register_forward_hook(self._forget_graph, always_call=True)
        for module in list(self.model.modules()):
            slots = module.named_parameters(recurse=False, remove_duplicate=False)
            if own := {slot: names[id(parameter)] for slot, parameter in slots if id(parameter) in names}:
                module.register_forward_pre_hook(partial(self._put_in, own))
                module.register_forward_hook(self._put_back, always_call=True)

    def weights(self) -> "Weights":
        """The weights by the base's names; with gradients, if they are wanted, they are those of one forward pass."""
        import torch

        state = (self.model.training, torch.is_grad_enabled(), *((p.data_ptr(), p._version) for p in self.decided_by))
        if self._held is None or self._valid_for != state:
            # In full precision: what is small beside a weight would be lost in half, and a file is rebuilt in full.
            with torch.autocast(self.decided_by[0].device.type, enabled=False):
                self._held, self._valid_for = self.compute(), state
        return self._held

    def settled(self) -> "Weights":
        """The weights without gradients, as they answer after training."""
        import torch

        was_training = self.model.training
        self.model.training = False
        try:
            with torch.no_grad():
                return self.weights()
        finally:
            self.model.training = was_training

    @contextmanager
    def switched_off(self) -> Iterator[None]:
        """Within, the base's own weights answer."""
        self.is_off = True
        try:
            yield
        finally:
            self.is_off = False

    def _put_in(self, slots: Mapping[str, str], module: "nn.Module", inputs: Any) -> None:
        if self.is_off:
            return
        weights = self.weights()
        self._own[module] = {slot: module._parameters[slot] for slot in slots}
        # As torch.func.functional_call does it: a slot may hold a tensor for a while.
        module._parameters.update({slot: weights[name] for slot, name in slots.items()})  # type: ignore[misc]

    def _put_back(self, module: "nn.Module", inputs: Any, output: Any) -> None:
        module._parameters.update(self._own.pop(module, {}))

    def _forget_graph(self, *unused: Any) -> None:
        """Two forward passes must not share a graph, which the first backward pass takes away."""
        import torch

        if torch.is_grad_enabled():
            self._held = None
