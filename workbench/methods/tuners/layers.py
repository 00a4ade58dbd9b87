"""The layers of the bottleneck adapter: dense, nonlinearity, dense with a residual; and a norm that moves."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, Protocol

import torch
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import Tensor, nn

from workbench.methods.tuners.hypercomplex import HypercomplexLinear
from workbench.methods.tuners.mixture import mixed

NONLINEARITIES: dict[str, Any] = {
    "relu": nn.functional.relu,
    "gelu": nn.functional.gelu,
    "silu": nn.functional.silu,
    "tanh": torch.tanh,
}


class Settings(Protocol):
    """What a layer reads of a `BottleneckConfig`."""

    width: int
    nonlinearity: str
    scale: float
    mixture: int
    share_up: bool
    inference_mode: bool


class BottleneckLayer(nn.Module, BaseTunerLayer):
    """A linear layer with adapters on its output: y + scale * up(nonlinearity(down(s))).

    s is the layer's own output y; for a parallel adapter it is what `source`, another layer, was given.
    """

    adapter_layer_names = ("bottleneck_down", "bottleneck_up")

    def __init__(self, base_layer: nn.Module, adapter_name: str, source: nn.Module | None = None) -> None:
        super().__init__()
        self.base_layer = base_layer
        self.bottleneck_down = nn.ModuleDict()
        self.bottleneck_up = nn.ModuleDict()
        self.settings: dict[str, Settings] = {}
        self.heard: Tensor | None = None
        self.listening = source.register_forward_pre_hook(self.listen) if source is not None else None
        self._disable_adapters = False
        self._active_adapter = adapter_name
        self.merged_adapters = []
        weight: Any = base_layer.weight
        # GPT-2's Conv1D stores (inputs, outputs) and names its outputs nf; torch's Linear (outputs, inputs).
        self.out_features = int(getattr(base_layer, "nf", weight.shape[0]))
        self.in_features = int(weight.numel()) // self.out_features

    def plain(self, width: int) -> tuple[nn.Module, nn.Module]:
        """Down and up of an adapter that at first changes nothing: up starts at zero, down as torch's Linear does.

        A zero on one side only, as in LoRA, is the start of He et al. 2021, arXiv:2110.04366, section 4.1.
        """
        down, up = nn.Linear(self.out_features, width), nn.Linear(width, self.out_features)
        nn.init.zeros_(up.weight)
        nn.init.zeros_(up.bias)
        return down, up

    def hypercomplex(self, width: int, rules: nn.Parameter, rank: int) -> tuple[nn.Module, nn.Module]:
        """Down and up of a Compacter, whose rules are so small that it changes next to nothing at first."""
        down = HypercomplexLinear(self.out_features, width, rules, rank)
        return down, HypercomplexLinear(width, self.out_features, rules, rank)

    def add(self, adapter_name: str, pair: tuple[nn.Module, nn.Module], settings: Settings) -> None:
        """Add an adapter made of down and up."""
        down, up = pair
        self.bottleneck_down[adapter_name] = mixed(down, settings.mixture)
        self.bottleneck_up[adapter_name] = mixed(up, 1 if settings.share_up else settings.mixture)
        self.settings[adapter_name] = settings
        self._move_adapter_to_device_of_base_layer(adapter_name)
        self.set_adapter(self.active_adapters, inference_mode=settings.inference_mode)

    def listen(self, module: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        """Remember what the source layer is given, (batch, time, width), until this layer's turn comes."""
        self.heard = arguments[0]

    def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """(batch, time, inputs) to (batch, time, width)."""
        result: Tensor = self.base_layer(x, *args, **kwargs)
        heard, self.heard = self.heard, None
        if self.disable_adapters:
            return result
        for name in self.active_adapters:
            if name in self.bottleneck_down:
                read = result if heard is None else heard
                result = result + self._change(name, read).to(result.dtype)
        return result

    def _change(self, name: str, read: Tensor) -> Tensor:
        settings = self.settings[name]
        bend: Callable[[Tensor], Tensor] = NONLINEARITIES[settings.nonlinearity]
        down = self.bottleneck_down[name]
        hidden = bend(down(read.to(next(down.parameters()).dtype)))  # (batch, time, bottleneck)
        change: Tensor = self.bottleneck_up[name](hidden)  # (batch, time, width)
        return change if settings.scale == 1 else settings.scale * change

    def unload_and_optionally_merge_module(self, **unused: Any) -> nn.Module:
        """The base's own layer, for PEFT's `unload`."""
        if self.listening is not None:
            self.listening.remove()
        return self.base_layer

    def delete_adapter(self, adapter_name: str) -> None:
        """Take one adapter out."""
        super().delete_adapter(adapter_name)
        self.settings.pop(adapter_name, None)


class TrainedNorm(nn.Module, BaseTunerLayer):
    """A norm with a clone that may move in its place; the base's own serves while it is switched off.

    The base's norm is held out of sight of torch, so that the model counts each norm once.
    """

    adapter_layer_names = ("bottleneck_norm",)

    def __init__(self, norm: nn.Module, adapter_name: str) -> None:
        super().__init__()
        self._unseen = (norm,)
        self.bottleneck_norm = nn.ModuleDict()
        self._disable_adapters = False
        self._active_adapter = adapter_name
        self.merged_adapters = []

    @property
    def base_layer(self) -> nn.Module:
        """The base's own norm."""
        return self._unseen[0]

    def add(self, adapter_name: str, inference_mode: bool) -> None:
        """Add a clone of the base's norm that belongs to this adapter."""
        self.bottleneck_norm[adapter_name] = deepcopy(self.base_layer)
        self.set_adapter(self.active_adapters, inference_mode=inference_mode)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, time, width), normalised by the active adapter's norm, or by the base's own."""
        active = [name for name in self.active_adapters if name in self.bottleneck_norm]
        norm = self.base_layer if self.disable_adapters or not active else self.bottleneck_norm[active[-1]]
        result: Tensor = norm(x)
        return result

    def unload_and_optionally_merge_module(self, **unused: Any) -> nn.Module:
        """The base's own norm, for PEFT's `unload`."""
        return self.base_layer
