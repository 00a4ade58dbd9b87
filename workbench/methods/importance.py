"""How much each direction of AdaLoRA's matters, learned from the gradients, and how those that matter least go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from workbench.methods.contract import Tuned

if TYPE_CHECKING:
    import torch
    from torch import nn

SMOOTHING = 0.85  # of sensitivity and of its spread: PEFT's beta1 and beta2


@dataclass
class Allocating(Tuned):
    """A tuned model that weighs its directions.

    Its memory holds each weight's last gradient, how much it matters on average and how much that varies; once it is
    settled, which directions of a matrix stay.
    """

    listening: list[Any] = field(default_factory=list)  # handles of what copies gradients

    @property
    def is_settled(self) -> bool:
        """Whether it is decided which directions stay."""
        return any(name.startswith("kept/") for name in self.memory)


def allocating(tuned: Tuned) -> Allocating:
    """The same model, which listens to its gradients; what is taken away for good is zero in every forward pass."""
    weighed = Allocating(tuned.model, tuned.movable, tuned.without)
    for name, parameter in tuned.movable.items():
        keep = partial(_keep_gradient, weighed.memory, name)
        handle = parameter.register_post_accumulate_grad_hook(keep)  # type: ignore[no-untyped-call]
        weighed.listening.append(handle)
    tuned.model.register_forward_pre_hook(partial(_leave_out, weighed.memory, tuned.movable))
    return weighed


def weigh(tuned: Allocating) -> dict[str, "torch.Tensor"]:
    """Learn from the last gradients: how much each direction of a matrix matters, (rank,), by the name of its E.

    A weight matters by its sensitivity |w dL/dw|, smoothed, times how far it strays from that (Zhang et al. 2023,
    arXiv:2303.10512, section 3.2); a direction by its E and, on average, by its row and its column.
    """
    import torch

    matters = {}
    with torch.no_grad():
        for name, parameter in tuned.movable.items():
            sensitivity = (parameter * tuned.memory[f"gradient/{name}"]).abs()
            mean = tuned.memory.setdefault(f"mean/{name}", torch.zeros_like(sensitivity))
            spread = tuned.memory.setdefault(f"spread/{name}", torch.zeros_like(sensitivity))
            mean.lerp_(sensitivity, 1 - SMOOTHING)
            spread.lerp_((sensitivity - mean).abs(), 1 - SMOOTHING)
            matters[name] = mean * spread
    return {
        name: matters[name][:, 0]
        + matters[name.replace(".lora_E.", ".lora_A.")].mean(dim=1)
        + matters[name.replace(".lora_E.", ".lora_B.")].mean(dim=0)
        for name in matters
        if ".lora_E." in name
    }


def take_away(tuned: Allocating, scores: Mapping[str, "torch.Tensor"], number: int, for_good: bool) -> None:
    """Set so many of the least important E of the whole model to zero; unless for good, they may grow again."""
    import torch

    least = torch.cat(list(scores.values())).kthvalue(number).values
    if for_good:
        for handle in tuned.listening:
            handle.remove()
        tuned.memory.clear()
    for name, score in scores.items():
        kept = (score > least)[:, None]  # (rank, 1)
        with torch.no_grad():
            tuned.movable[name].masked_fill_(~kept, 0.0)
        if for_good:
            tuned.memory[f"kept/{name}"] = kept


def _keep_gradient(memory: dict[str, "torch.Tensor"], name: str, parameter: "torch.Tensor") -> None:
    """Copy the gradient as far as it is summed up; the last copy of a step is the whole one, before it is clipped."""
    if parameter.grad is not None:
        memory[f"gradient/{name}"] = parameter.grad.detach().clone()


def _leave_out(memory: Mapping[str, "torch.Tensor"], movable: Mapping[str, "nn.Parameter"], *unused: Any) -> None:
    """The optimizer moves what was taken away a little; nobody shall see it."""
    import torch

    with torch.no_grad():
        for name, parameter in movable.items():
            if (kept := memory.get(f"kept/{name}")) is not None:
                parameter.masked_fill_(~kept, 0.0)
