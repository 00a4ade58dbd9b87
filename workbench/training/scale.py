"""Turn the change that a tuned model makes up or down: 0 gives the base, 1 the tuned model, more goes beyond."""

from typing import Any

from torch import nn


def scale_change(model: nn.Module, factor: float) -> bool:
    """Multiply what LoRA and adapters add by the factor; False where nothing is added and the model stays as it is."""
    added = [module for module in model.modules() if hasattr(module, "lora_B") or hasattr(module, "bottleneck_up")]
    for module in added:
        _scale(module, factor)
    return bool(added)


def _scale(module: Any, factor: float) -> None:
    if hasattr(module, "lora_B"):
        for name in module.scaling:
            module.scaling[name] *= factor
        return
    for up in module.bottleneck_up.values():  # the last matrix: what is added is linear in it
        up.weight.data.mul_(factor)
        up.bias.data.mul_(factor)
