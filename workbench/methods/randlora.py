"""RandLoRA: a full-rank change, put together from frozen random matrices by learned scales."""

from dataclasses import dataclass, replace
from math import ceil
from typing import Any, ClassVar

from workbench.anatomy import Anatomy, Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 1e-3
BASES_SEED = 0  # the random matrices are the same in every run, as PEFT's default has it


@dataclass(frozen=True)
class RandLoRA(Beside):
    """Many random low-rank products, shared by all layers and frozen, are weighted by each layer and added up.

    Formula: y = W x + strength (sum over k of B_k L_k A G_k) x; L_k, G_k diagonal; L_k zero at the start.
    Paper: Albert et al. 2025, arXiv:2502.00987.
    """

    name: ClassVar[str] = "randlora"
    title: ClassVar[str] = "RandLoRA"
    plain: ClassVar[str] = "Random matrices that never move are weighted and added up to a change of full rank."
    idea: ClassVar[str] = (
        "LoRA's change can only have a few directions, however long it trains. A sum of many random low-rank products "
        "has all directions, and to learn how much of each to take needs about as many numbers."
    )
    formula: ClassVar[str] = "y = W x + strength (sum over k of B_k L_k A G_k) x, only the diagonals L_k, G_k move"
    paper: ClassVar[str] = "Albert et al. 2025, arXiv:2502.00987"
    when: ClassVar[str] = (
        "Use it where LoRA stays behind full fine-tuning however high its rank. A lower rank here learns more numbers, "
        "not fewer."
    )
    finding: ClassVar[str] = (
        "Full-rank changes did better with pictures and with text alone, and most of all with both together. There "
        "RandLoRA made LoRA's gap to full fine-tuning much smaller, and at times closed it."
    )
    order: ClassVar[int] = 153
    peft_config: ClassVar[str] = "RandLoraConfig"
    words: ClassVar[dict[str, str]] = {"rank": "r", "dropout": "randlora_dropout"}
    notes: ClassVar[dict[str, str]] = {
        "randlora_alpha": "strength * rank",
        "projection_prng_key": "the seed of the random matrices",
    }

    rank: int = knob(
        0,
        "rank of each random product; a lower one makes more products, so more numbers; 0 takes a sixteenth of the "
        "width, for about as many as LoRA of rank 8",
        low=0,
        high=4096,
    )
    strength: float = knob(20.0, "the change is scaled by this", low=0.001, high=10_000)
    dropout: float = knob(0.0, "fraction of the inputs that the change does not see in training", low=0.0, high=0.9)
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """Below LoRA's, since the change is scaled up; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen, two diagonals beside each target."""
        return super().anatomy(card) if self.rank else replace(self, rank=self._rank(card)).anatomy(card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """The diagonals: one over the products' directions, one over the shorter side of the matrix."""
        shorter = min(inputs, outputs)
        if self.rank > shorter:
            raise SpecError("randlora:rank", self.rank, f"{shorter} or less for {weight.name}")
        products = ceil(shorter / self.rank)  # as many as make the rank full
        return {
            "randlora_lambda": ((self.rank, products), "rank * products"),
            "randlora_gamma": ((products, shorter), "products * shorter side"),
        }

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """RandLoRA's part of the config."""
        rank = self._rank(card)
        fixed = {"projection_prng_key": BASES_SEED, "fan_in_fan_out": card.transposed}
        return {**super().settings(weights, card), "r": rank, "randlora_alpha": self.strength * rank, **fixed}

    def also_kept(self, weights: list[Piece], card: ModelCard) -> int:
        """The random matrices, as large as the largest matrix needs them; they are kept beside what was learned."""
        sizes = [card.sizes(weight) for weight in weights]
        shorter, longer = sorted((max(inputs for inputs, _ in sizes), max(outputs for _, outputs in sizes)))
        return self.rank * shorter + longer * ceil(shorter / self.rank) * self.rank

    def _rank(self, card: ModelCard) -> int:
        return self.rank or max(1, card.width // 16)
