"""PEFT's attention for LLaMA-Adapter, which adds the bias of the attention's output a second time.

Most Llamas have no such bias; in the pocket models it would move the model before the first step.
After `install()` PEFT builds and loads the attention that adds it once.
"""

from typing import Any

from peft.tuners.adaption_prompt import model
from peft.tuners.adaption_prompt.layer import AdaptedAttention
from torch import Tensor


class OneBiasAttention(AdaptedAttention):
    """Takes the second bias off again."""

    def forward(self, **inputs: Any) -> tuple[Tensor, ...]:
        """The attention's output (batch, time, width), and what else the base's attention returns."""
        output, *others = super().forward(**inputs)  # type: ignore[no-untyped-call]
        bias = self.model.o_proj.bias
        return (output if bias is None else output - bias.to(output.dtype), *others)


def install() -> None:
    """Let PEFT use this attention; does nothing the second time."""
    model.AdaptedAttention = OneBiasAttention  # type: ignore[attr-defined]
