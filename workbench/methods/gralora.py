"""GraLoRA: a matrix is cut into blocks, and each of them has a small LoRA of its own."""

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 1e-2


@dataclass(frozen=True)
class GraLoRA(Beside):
    """Inputs and outputs of a frozen matrix are cut into equal parts, and each pair of parts gets thin matrices.

    Formula: y_i = (W x)_i + (alpha / rank) (sum over j of B_ij A_ij x_j); each A_ij has rank / parts rows. A random, B
    zero at the start.
    Paper: Jung et al. 2025, arXiv:2505.20355.
    """

    name: ClassVar[str] = "gralora"
    title: ClassVar[str] = "GraLoRA"
    plain: ClassVar[str] = "Like LoRA, but each block of a matrix learns a small correction of its own."
    idea: ClassVar[str] = (
        "In LoRA all inputs pass one narrow gate, so a single loud one disturbs what the others learn. Cut into "
        "blocks with thin matrices of their own, the change has more directions, from as many learned numbers."
    )
    formula: ClassVar[str] = "y_i = (W x)_i + (alpha / rank) (sum over j of B_ij A_ij x_j), only A and B move"
    paper: ClassVar[str] = "Jung et al. 2025, arXiv:2505.20355"
    when: ClassVar[str] = (
        "Use it where LoRA wants a high rank and a still higher one no longer helps. Two parts are enough up to a rank "
        "of 32, four from 64 on."
    )
    finding: ClassVar[str] = (
        "LoRA did best at ranks of 32 to 64 and then no better, or worse. In writing code and in common sense GraLoRA "
        "was ahead of it throughout, by up to 8.5 points of Pass@1 on HumanEval+."
    )
    order: ClassVar[int] = 126
    peft_config: ClassVar[str] = "GraloraConfig"
    words: ClassVar[dict[str, str]] = {
        "rank": "r",
        "alpha": "alpha",
        "parts": "gralora_k",
        "dropout": "gralora_dropout",
    }

    rank: int = knob(8, "directions of a row of blocks together, a multiple of the parts", low=1, high=4096)
    alpha: float = knob(16.0, "strength: the change is scaled by alpha / rank", low=0.001, high=100_000)
    parts: int = knob(2, "parts that inputs and outputs are cut into; 1 is LoRA", low=1, high=256)
    dropout: float = knob(0.0, "fraction of the inputs of A that is left out in training", low=0.0, high=0.9)
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """As LoRA's; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """A for each part of the inputs and B for each part of the outputs; in them stands a slice for each block."""
        if inputs % self.parts or outputs % self.parts:
            allowed = f"a number that divides {inputs} and {outputs}, inputs and outputs of {weight.name}"
            raise SpecError("gralora:parts", self.parts, allowed)
        if self.rank % self.parts:
            raise SpecError("gralora:rank", self.rank, f"a multiple of the {self.parts} parts")
        return {
            "gralora_A": ((self.parts, inputs // self.parts, self.rank), "inputs * rank"),
            "gralora_B": ((self.parts, self.rank, outputs // self.parts), "rank * outputs"),
        }

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """GraLoRA's part of the config."""
        return {**super().settings(weights, card), "fan_in_fan_out": card.transposed}
