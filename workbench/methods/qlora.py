"""QLoRA: low-rank adaptation beside a base that is kept in four bits."""

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from workbench.anatomy import Anatomy, Piece
from workbench.card import LINEAR_ROLES, ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.contract import Tuned
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from torch import nn
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-2  # LoRA's own
BLOCK = 64  # numbers that share a scale
KEPT_WHOLE = {"t5": ("feed_forward_down",)}  # transformers reads these weights' format, so they keep it
SCALE_BITS = 32 / BLOCK  # a float32 for each block
SCALE_BITS_DOUBLE = 8 / BLOCK + 32 / (BLOCK * 256)  # eight bits for each, a float32 for each 256 of those (section 3)


@dataclass(frozen=True)
class QLoRA(Beside):
    """The frozen matrices of the blocks are kept in four bits, and LoRA learns beside them in full precision.

    Formula: y = dequantised(W4) x + (alpha / rank) B A x; A (rank, inputs) random, B (outputs, rank) zero at the start.
    Paper: Dettmers et al. 2023, arXiv:2305.14314.
    """

    name: ClassVar[str] = "qlora"
    title: ClassVar[str] = "QLoRA"
    plain: ClassVar[str] = "LoRA beside a base whose matrices are squeezed into four bits a number."
    idea: ClassVar[str] = (
        "A frozen weight only has to be read, so sixteen values for it are enough, placed where normally distributed "
        "weights are dense. What is lost by rounding, the two thin matrices beside it learn to make up for."
    )
    formula: ClassVar[str] = "y = dequantised(W4) x + (alpha / rank) B A x, only A and B move"
    paper: ClassVar[str] = "Dettmers et al. 2023, arXiv:2305.14314"
    when: ClassVar[str] = (
        "Use it when the frozen weights alone fill the memory. It costs time: each matrix is unpacked whenever it is "
        "read."
    )
    finding: ClassVar[str] = (
        "A model of 65 billion parameters was tuned on one 48 GB GPU, as well as in 16 bits. Regular tuning of it "
        "takes more than 780 GB."
    )
    order: ClassVar[int] = 121
    starts_at_base: ClassVar[bool] = False  # four bits are not the base's own weights
    packages: ClassVar[tuple[str, ...]] = ("bitsandbytes",)
    peft_config: ClassVar[str] = "LoraConfig"
    words: ClassVar[dict[str, str]] = {"rank": "r", "alpha": "lora_alpha", "dropout": "lora_dropout"}

    rank: int = knob(8, "directions that the change of a matrix may have", low=1, high=4096)
    alpha: float = knob(16.0, "strength: the change is scaled by alpha / rank", low=0.001, high=100_000)
    dropout: float = knob(0.0, "fraction of the inputs of A that is left out in training", low=0.0, high=0.9)
    targets: str = knob(
        ALL_LINEAR, "which matrices have a change; all are in four bits", choices=(*ROLES, ALL_LINEAR), several=True
    )
    number_format: str = knob("nf4", "sixteen values: dense where weights are, or floats", choices=("nf4", "fp4"))
    double_quantisation: bool = knob(True, "keep the scale of each 64 numbers in eight bits, too")

    def default_learning_rate(self, card: ModelCard) -> float:
        """LoRA's."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """LoRA's A and B."""
        return {
            "lora_A.weight": ((self.rank, inputs), "rank * inputs"),
            "lora_B.weight": ((outputs, self.rank), "outputs * rank"),
        }

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """LoRA's part of the config."""
        return {**super().settings(weights, card), "fan_in_fan_out": card.transposed}

    def anatomy(self, card: ModelCard) -> Anatomy:
        """LoRA's, with the blocks' matrices in about four bits a number; counts are of numbers, however stored."""
        bits = 4 + (SCALE_BITS_DOUBLE if self.double_quantisation else SCALE_BITS)
        squeezed = {weight.name for weight in _squeezed(card)}
        if not squeezed:
            allowed = f"a model whose matrices read a multiple of {BLOCK} numbers"
            raise SpecError("the model for qlora", card.name, allowed, "lora tunes it as well.")
        lora = super().anatomy(card)
        return replace(lora, pieces=tuple(replace(p, bits=bits) if p.name in squeezed else p for p in lora.pieces))

    def prepare(self, model: "nn.Module", whole: bool = False) -> dict[int, "nn.Module"]:
        """Put the blocks' matrices into four bits; `whole`: keep what these mean in full precision instead."""
        from workbench.methods.tuners.four_bit import quantise, round_trip

        if whole:
            round_trip(model, self.number_format, self.double_quantisation)
            return {}
        return quantise(model, self.number_format, self.double_quantisation)

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Quantise the base, then wrap it with PEFT's LoRA; switched off, the base's own weights are back."""
        from workbench.methods.tuners.four_bit import without_quantisation

        originals = self.prepare(model)
        tuned = super().apply(model, card, tokenizer, generator)
        tuned.without = partial(without_quantisation, cast("PeftModel", tuned.model), originals)
        return tuned


def _squeezed(card: ModelCard) -> list[Piece]:
    """The matrices that are kept in four bits."""
    roles = set(LINEAR_ROLES) - set(KEPT_WHOLE.get(card.family, ()))
    weights = [weight for weight in card.weights(*roles) if weight.block is not None]
    return [weight for weight in weights if can_be_read(card.sizes(weight)[0])]


def can_be_read(inputs: int) -> bool:
    """Whether a matrix with so many inputs is read rightly on every machine.

    bitsandbytes 0.50's kernel for CPUs takes wrong scales where rows of a multiple of 16 numbers are no whole blocks.
    """
    return inputs % BLOCK == 0 or inputs % 16 != 0
