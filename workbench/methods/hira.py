"""HiRA: two thin matrices say by how much each number of a frozen matrix grows or shrinks."""

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 3e-2


@dataclass(frozen=True)
class HiRA(Beside):
    """The product of two thin matrices is multiplied, number by number, with the frozen matrix and added to it.

    Formula: y = W x + (W * (B A)) x, * elementwise; A (rank, inputs) random, B (outputs, rank) zero at the start.
    Paper: Huang et al. 2025 (ICLR), openreview.net/forum?id=TwJrTz9cRS.
    """

    name: ClassVar[str] = "hira"
    title: ClassVar[str] = "HiRA"
    plain: ClassVar[str] = "Each number of a frozen matrix grows or shrinks by a fraction that two thin ones learn."
    idea: ClassVar[str] = (
        "LoRA adds a product of thin matrices, which has few directions. Multiplied number by number with the frozen "
        "matrix, the same product becomes a change with many directions, from as few learned numbers."
    )
    formula: ClassVar[str] = "y = W x + (W * (B A)) x, * elementwise, only A and B move"
    paper: ClassVar[str] = "Huang et al. 2025 (ICLR), openreview.net/forum?id=TwJrTz9cRS"
    when: ClassVar[str] = (
        "Use it where LoRA stays behind full fine-tuning and a higher rank does not help. Each step works with whole "
        "matrices, so it is slower and wants more memory than LoRA."
    )
    finding: ClassVar[str] = (
        "The change has a high rank, and on several tasks it did better than LoRA and its variants."
    )
    order: ClassVar[int] = 123
    peft_config: ClassVar[str] = "HiraConfig"
    words: ClassVar[dict[str, str]] = {"rank": "r", "dropout": "hira_dropout"}

    rank: int = knob(16, "directions of the learned product, before it meets the frozen matrix", low=1, high=4096)
    dropout: float = knob(0.0, "fraction of the inputs that the change leaves out in training", low=0.0, high=0.9)
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """Higher than LoRA's, since the frozen numbers that the change is multiplied with are small."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """A and B, as in LoRA."""
        return {
            "hira_A": ((self.rank, inputs), "rank * inputs"),
            "hira_B": ((outputs, self.rank), "outputs * rank"),
        }

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """HiRA's part of the config."""
        return {**super().settings(weights, card), "fan_in_fan_out": card.transposed}
