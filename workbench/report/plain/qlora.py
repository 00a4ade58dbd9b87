"""QLoRA in bitsandbytes and PEFT: the blocks' layers in four bits, and LoRA beside them."""

from typing import Any

from workbench.card import ModelCard
from workbench.report.plain.beside import PlainBeside

FOUR_BITS = """\
import re

import bitsandbytes
from transformers.pytorch_utils import Conv1D

for name, layer in list(base.named_modules()):
    if not re.search(r"\\.\\d+\\.", name) or not isinstance(layer, (torch.nn.Linear, Conv1D)){kept}:
        continue  # only the linear layers of the blocks
    weight = layer.weight.detach().T.contiguous() if isinstance(layer, Conv1D) else layer.weight.detach()
    if weight.shape[1] % 64 and weight.shape[1] % 16 == 0:
        continue  # bitsandbytes' kernel for CPUs would take the wrong scales
    small = bitsandbytes.nn.Linear4bit(weight.shape[1], weight.shape[0], bias=False)
    small.weight = bitsandbytes.nn.Params4bit(
        weight, requires_grad=False, quant_type={number_format}, compress_statistics={double}
    ).to(device)  # quantised here
    small.bias = layer.bias
    small.support_avx512bf16_for_cpu = False  # such a CPU would repack weights in evaluation, and end their training
    parent, _, slot = name.rpartition(".")
    setattr(base.get_submodule(parent), slot, small)
base.is_loaded_in_4bit = True  # PEFT asks for this name
"""


class PlainQLoRA(PlainBeside):
    """bitsandbytes' layers, then PEFT's config."""

    name = "qlora"

    def code(self, method: Any, card: ModelCard) -> str:
        """Quantise the base, then spell LoRA's config out and wrap it."""
        kept = ' or name.endswith(".wo")' if card.family == "t5" else ""  # see methods/qlora.py
        text = FOUR_BITS.replace("{kept}", kept).replace("{number_format}", f'"{method.number_format}"')
        return f"{text.replace('{double}', str(method.double_quantisation))}\n{super().code(method, card)}"
