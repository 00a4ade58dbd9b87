"""BEFT: only the biases of the values move, and where there are none they are added."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 1e-1


@dataclass(frozen=True)
class BEFT(Beside):
    """A vector is added to what the value matrix of each block gives out.

    Formula: v = W x + b + d, only d moves; d zero at the start. Where query, key and value are one matrix, d is as long
    as all three.
    Paper: Huang et al. 2025, arXiv:2509.15974.
    """

    name: ClassVar[str] = "beft"
    title: ClassVar[str] = "BEFT"
    plain: ClassVar[str] = "Learn one vector a block: what is added to all that attention passes on."
    idea: ClassVar[str] = (
        "Of all biases of a model those of the values tell most, since attention passes them on as they are: its "
        "weights add up to one. So one vector a block is enough, and models without biases can have it too."
    )
    formula: ClassVar[str] = "v = W x + b + d, only d moves"
    paper: ClassVar[str] = "Huang et al. 2025, arXiv:2509.15974"
    when: ClassVar[str] = (
        "Use it when examples are few and each task may store next to nothing, less than with BitFit. With many "
        "examples LoRA or full fine-tuning learn more."
    )
    finding: ClassVar[str] = (
        "With few examples, moving the biases of the values mostly did better than moving those of queries or keys. So "
        "it was with encoders and decoders up to 6.7 billion parameters, some of them without biases."
    )
    order: ClassVar[int] = 134
    peft_config: ClassVar[str] = "BeftConfig"
    serves_transposed: ClassVar[bool] = False

    targets: str = knob(
        "value",
        "which layers get a vector; the paper compares query, key and value",
        choices=(*ROLES, ALL_LINEAR),
        several=True,
    )

    def default_learning_rate(self, card: ModelCard) -> float:
        """As BitFit's; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """One number for each output."""
        return {"beft_bias": ((1, outputs), "outputs")}
