"""AdamW, and how the learning rate rises and falls over a run."""

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import torch
from torch import nn

from workbench.spec import Budget

SLANTED_RATIO = 32  # how much smaller the lowest rate is than the largest: Howard and Ruder 2018, section 3.2


class DirectAdamW(torch.optim.AdamW):
    """AdamW whose later steps hand each group straight to torch's fused kernel.

    torch's own step checks and sorts all tensors anew every time, which takes a small model longer than the update.
    The first step of a weight is torch's, which makes its moments.
    """

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]  # no closure is ever given
        """Move every weight that has a gradient."""
        moving = [[p for p in group["params"] if p.grad is not None] for group in self.param_groups]
        if not self.defaults["fused"] or not all(self.state.get(p) for weights in moving for p in weights):
            super().step()
            return
        for group, weights in zip(self.param_groups, moving, strict=True):
            if not weights:
                continue
            states = [self.state[p] for p in weights]
            steps = [state["step"] for state in states]
            torch._foreach_add_(steps, 1)
            torch._fused_adamw_(
                weights,
                [p.grad for p in weights],
                [state["exp_avg"] for state in states],
                [state["exp_avg_sq"] for state in states],
                [],
                steps,
                lr=group["lr"],
                beta1=group["betas"][0],
                beta2=group["betas"][1],
                weight_decay=group["weight_decay"],
                eps=group["eps"],
                amsgrad=False,
                maximize=False,
                grad_scale=getattr(self, "grad_scale", None),
            )


def build_optimizer(
    movable: Mapping[str, nn.Parameter], rates: Mapping[str, float], weight_decay: float
) -> torch.optim.AdamW:
    """AdamW over every weight that may move, in one fused kernel where the device has it.

    A group is a factor on the learning rate and whether the weights decay: matrices do, vectors (biases
    and norms) don't. Weights that are not thawed yet have no gradient and are passed over.
    """

    def kind(item: tuple[str, nn.Parameter]) -> tuple[float, float]:
        name, parameter = item
        return rates.get(name, 1.0), weight_decay if parameter.ndim > 1 else 0.0

    groups = [
        {"params": [parameter for _, parameter in items], "factor": factor, "weight_decay": decay}
        for (factor, decay), items in groupby(sorted(movable.items(), key=kind), kind)
    ]
    groups = groups or [{"params": [], "factor": 1.0, "weight_decay": 0.0}]  # a run without training
    return DirectAdamW(groups, lr=0.0, fused=_has_fused_kernel(list(movable.values())))


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Give every group its factor times the rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["factor"]


def clip_gradients(optimizer: torch.optim.AdamW, movable: Sequence[nn.Parameter], limit: float) -> torch.Tensor:
    """Scale all gradients together so that their norm is at most `limit`; return the norm as it was.

    The fused kernel divides them itself, by a float32 that AdamW looks up under the name `grad_scale`.
    """
    gradients = [parameter.grad for parameter in movable if parameter.grad is not None]
    norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    scale = torch.clamp((norm + 1e-6) / limit, min=1.0)
    if optimizer.defaults["fused"] and scale.dtype != torch.float64:
        optimizer.grad_scale = scale.float()  # type: ignore[attr-defined]
    else:
        torch._foreach_div_(gradients, scale)
    return norm


def rate_factor(step: int, budget: Budget) -> float:
    """The fraction of the peak learning rate that optimizer step `step` (0 is the first) takes.

    All schedules but `slanted` rise in a line over the warm-up, then stay or fall towards 0.
    """
    if budget.schedule == "slanted":
        return _slanted(step, budget.steps, budget.warmup)
    rising = round(budget.warmup * budget.steps)
    if step < rising:
        return (step + 1) / rising
    done = (step - rising) / max(1, budget.steps - rising)  # 0 at the peak, just below 1 in the last step
    match budget.schedule:
        case "cosine":
            return 0.5 * (1 + math.cos(math.pi * done))
        case "linear":
            return 1 - done
        case _:
            return 1.0


def _slanted(step: int, steps: int, rising_fraction: float) -> float:
    """Slanted triangular rates, Howard and Ruder 2018, arXiv:1801.06146, equation 3 (theirs rises for 0.1)."""
    cut = math.floor(steps * rising_fraction)
    height = step / cut if step < cut else 1 - (step - cut) / max(1, steps - cut)
    return (1 + height * (SLANTED_RATIO - 1)) / SLANTED_RATIO


def _has_fused_kernel(parameters: Sequence[nn.Parameter]) -> bool:
    kinds = {(p.device.type, p.dtype) for p in parameters}
    return len(kinds) <= 1 and all(place in {"cpu", "cuda"} and dtype.is_floating_point for place, dtype in kinds)
