"""VB-LoRA: the thin matrices of all layers are put together from the vectors of one shared bank."""

from dataclasses import dataclass, replace
from math import gcd, prod
from typing import Any, ClassVar

from workbench.anatomy import Anatomy, Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes, module_of
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 3e-2
CHOSEN = 2  # vectors mixed into one part, as in the paper
LONGEST = 256  # numbers in a vector of the paper's banks for RoBERTa


@dataclass(frozen=True)
class VBLoRA(Beside):
    """LoRA's A and B are cut into short parts, and each part is a mixture of two vectors of a bank that all share.

    Formula: y = W x + B A x; each part of A and B = softmax(the two largest logits) . their vectors of the bank.
    Paper: Li et al. 2024, arXiv:2405.15179.
    """

    name: ClassVar[str] = "vblora"
    title: ClassVar[str] = "VB-LoRA"
    plain: ClassVar[str] = "Like LoRA, with all thin matrices put together from one small bank of shared vectors."
    idea: ClassVar[str] = (
        "Thin matrices of different layers repeat each other, so short vectors from one bank can serve them all. What "
        "is saved is the bank, and for each part which two vectors it mixes and how much of each."
    )
    formula: ClassVar[str] = "y = W x + B A x, each part of A and B mixes two vectors of the bank; logits and bank move"
    paper: ClassVar[str] = "Li et al. 2024, arXiv:2405.15179"
    when: ClassVar[str] = (
        "Use it when many tasks must be stored or sent and each file counts. Training it moves as many numbers as LoRA "
        "or more; only what is saved is small."
    )
    finding: ClassVar[str] = (
        "With Llama 2 13B it stored 0.4 % as many numbers as LoRA and did better. With tasks of language and of "
        "maths it was as good as other ways of tuning with few numbers, or better."
    )
    order: ClassVar[int] = 152
    peft_config: ClassVar[str] = "VBLoRAConfig"
    starts_at_base: ClassVar[bool] = False  # neither A nor B is zero: the bank starts between -0.02 and 0.02
    words: ClassVar[dict[str, str]] = {"rank": "r", "vectors": "num_vectors", "vector_length": "vector_length"}
    notes: ClassVar[dict[str, str]] = {
        "topk": "vectors mixed into one part",
        "save_only_topk_weights": "of the logits only the largest are saved",
    }

    rank: int = knob(4, "directions that the change of a matrix may have", low=1, high=4096)
    vectors: int = knob(90, "vectors in the bank", low=CHOSEN, high=32_767)
    vector_length: int = knob(
        0, "numbers in a vector, a divisor of all widths; 0 takes the greatest up to 256", low=0, high=65_536
    )
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """Logits have far to go, so the rate is high; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """A logit for each part of A and of B and each vector of the bank."""
        parts, whole = gcd(inputs, outputs), self.vector_length
        if parts % whole:
            allowed = f"a divisor of {parts} for {weight.name}, or 0, which takes the greatest that fits"
            raise SpecError("vblora:vector_length", whole, allowed)
        return {
            "vblora_logits_A": ((self.rank, inputs // whole, self.vectors), "rank * inputs / vector length * vectors"),
            "vblora_logits_B": (
                (outputs // whole, self.rank, self.vectors),
                "outputs / vector length * rank * vectors",
            ),
        }

    def shared(self, weights: list[Piece], card: ModelCard) -> tuple[Piece, ...]:
        """The bank, which bears the name of the first layer that uses it."""
        name, shape = f"{module_of(weights[0])}.vblora_vector_bank", (self.vectors, self.vector_length)
        return (Piece(name, shape, "vector_bank", None, "added", "vectors * vector length"),)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen, logits beside each target, one bank; of each part's logits the artifact holds two."""
        if not self.vector_length:
            return replace(self, vector_length=self._length(self.weights(card), card)).anatomy(card)
        whole = super().anatomy(card)
        logits = [piece for piece in whole.pieces if ".vblora_logits_" in piece.name]
        kept = sum(prod(piece.shape[:2]) * (2 * CHOSEN - 1) for piece in logits)  # places, and weights but the last
        return replace(whole, kept=self.vectors * self.vector_length + kept)

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """VB-LoRA's part of the config."""
        length = self.vector_length or self._length(weights, card)
        saved = {"topk": CHOSEN, "save_only_topk_weights": True, "fan_in_fan_out": card.transposed}
        return {**super().settings(weights, card), "vector_length": length, **saved}

    def _length(self, weights: list[Piece], card: ModelCard) -> int:
        common = gcd(*(size for weight in weights for size in card.sizes(weight)))
        return max(length for length in range(1, min(common, LONGEST) + 1) if common % length == 0)
