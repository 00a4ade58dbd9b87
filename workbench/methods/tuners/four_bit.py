"""The linear layers of a model's blocks in four bits a number, by bitsandbytes.

Dettmers et al. 2023, arXiv:2305.14314, section 3: NF4 has its sixteen values at the quantiles of a normal
distribution, scaled by the largest number of each 64; double quantisation stores these scales in eight bits.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from peft import PeftModel
from torch import nn
from transformers.pytorch_utils import Conv1D

from workbench.methods.qlora import can_be_read

IN_A_BLOCK = re.compile(r"\.\d+\.")
Originals = dict[int, nn.Module]  # the base's own layer, by the identity of the one in its place


def quantise(model: nn.Module, number_format: str, double: bool) -> Originals:
    """Put a layer of four bits in the place of every linear layer of the blocks, and let PEFT know.

    Only the module tree changes: the numbers of the base's own layers, which are returned, stay as they are.
    """
    layers = _bitsandbytes().nn

    def in_four_bits(layer: nn.Module) -> nn.Module:
        weight = _as_linear(layer)
        made = layers.Linear4bit(weight.shape[1], weight.shape[0], bias=False, device="meta")
        settings = {"quant_type": number_format, "compress_statistics": double, "module": made}
        made.weight = layers.Params4bit(weight.contiguous(), requires_grad=False, **settings).to(weight.device)
        made.bias = layer.bias
        made.support_avx512bf16_for_cpu = (
            False  # it would repack the weights in evaluation, and no gradient passes then
        )
        return made  # type: ignore[no-any-return]

    originals = _replace(model, in_four_bits)
    model.__dict__["is_loaded_in_4bit"] = True  # PEFT asks for this name
    return originals


def round_trip(model: nn.Module, number_format: str, double: bool) -> None:
    """Put layers of full precision in the places of the blocks' linear layers, holding what their four bits mean."""
    functional = _bitsandbytes().functional

    def rounded(layer: nn.Module) -> nn.Module:
        packed, state = functional.quantize_4bit(
            _as_linear(layer).contiguous(), quant_type=number_format, compress_statistics=double
        )
        weight = functional.dequantize_4bit(packed, state)
        if isinstance(layer, Conv1D):
            made: nn.Module = Conv1D(weight.shape[0], weight.shape[1])  # type: ignore[no-untyped-call]
            made.weight = nn.Parameter(weight.T.contiguous(), requires_grad=False)
        else:
            made = nn.Linear(weight.shape[1], weight.shape[0], bias=False, device="meta")
            made.weight = nn.Parameter(weight, requires_grad=False)
        made.bias = layer.bias
        return made

    _replace(model, rounded)


@contextmanager
def without_quantisation(wrapped: PeftModel, originals: Originals) -> Iterator[None]:
    """Within, the adapters are off and the base's own layers stand where those of four bits stood."""
    places = [
        (parent, slot, child)
        for parent in wrapped.modules()
        for slot, child in parent.named_children()
        if id(child) in originals
    ]
    for parent, slot, child in places:
        setattr(parent, slot, originals[id(child)])
    try:
        with wrapped.disable_adapter():
            yield
    finally:
        for parent, slot, child in places:
            setattr(parent, slot, child)


def _replace(model: nn.Module, make: Callable[[nn.Module], nn.Module]) -> Originals:
    originals: Originals = {}
    kept = getattr(model, "_keep_in_fp32_modules", None) or ()  # T5 casts what `wo` reads to the format of its weight
    for name, layer in list(model.named_modules()):
        if not IN_A_BLOCK.search(name) or name.rpartition(".")[2] in kept:
            continue
        if isinstance(layer, (nn.Linear, Conv1D)) and can_be_read(_as_linear(layer).shape[1]):
            parent, _, slot = name.rpartition(".")
            made = make(layer)
            setattr(model.get_submodule(parent), slot, made)
            originals[id(made)] = layer
    return originals


def _as_linear(layer: nn.Module) -> torch.Tensor:
    """The layer's weight (outputs, inputs); GPT-2 stores (inputs, outputs)."""
    weight: torch.Tensor = layer.weight.detach()  # type: ignore[operator]
    return weight.T if isinstance(layer, Conv1D) else weight


def _bitsandbytes() -> Any:
    # It tells at import that an optional kernel is missing, which nobody here asked for.
    logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
    import bitsandbytes
    from peft import import_utils

    for found in (import_utils.is_bnb_available, import_utils.is_bnb_4bit_available):
        found.cache_clear()  # PEFT may have been told that there is none; see `import_peft`
    return bitsandbytes
