"""AdamW, and how the learning rate rises and falls over a run."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import torch
from torch import nn

from workbench.spec import Budget

SLANTED_RATIO = 32  # how much smaller the lowest rate is than the largest: Howard and Ruder 2018, section 3.2


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
    return torch.optim.AdamW(groups, lr=0.0, fused=_has_fused_kernel(movable.values()))


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Give every group its factor times the rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["factor"]


def clip_gradients(movable: Sequence[nn.Parameter], limit: float) -> torch.Tensor:
    """Scale all gradients together so that their norm is at most `limit`; return the norm as it was.

    On a CPU, where looking at a number costs nothing, gradients that are short enough are left alone.
    """
    gradients = [parameter.grad for parameter in movable if parameter.grad is not None]
    norm = torch.nn.utils.get_total_norm(gradients)
    if norm.device.type != "cpu" or not norm <= limit:
        torch.nn.utils.clip_grads_with_norm_(movable, limit, norm)
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


def _has_fused_kernel(parameters: Iterable[nn.Parameter]) -> bool:
    return all(p.device.type in {"cpu", "cuda"} and p.is_floating_point() for p in parameters)
