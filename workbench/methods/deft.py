"""DEFT: some directions of what a matrix gives out are taken away, and learned ones are put in their place."""

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
class DEFT(Beside):
    """A learned projection removes a few directions from the outputs of a frozen matrix, and learned rows refill them.

    Formula: y = W x - P Q^T W x + P R x, where Q is relu(P), or P and Q are both the orthonormal directions of P (qr).
    P (outputs, rank) random, R (rank, inputs) equal to Q^T W at the start.
    Paper: Kumar et al. 2025, arXiv:2509.22793.
    """

    name: ClassVar[str] = "deft"
    title: ClassVar[str] = "DEFT"
    plain: ClassVar[str] = "Take a few directions out of what a matrix gives, and learn what comes in their place."
    idea: ClassVar[str] = (
        "LoRA only adds to what a matrix does, so what it should do no more has to be cancelled. Here a few directions "
        "are cleared first and then filled anew; where they lie is learned too."
    )
    formula: ClassVar[str] = "y = W x - P relu(P)^T W x + P R x, only P and R move"
    paper: ClassVar[str] = "Kumar et al. 2025, arXiv:2509.22793"
    when: ClassVar[str] = (
        "Use it where something that the model does should give way to something else. It moves as many numbers as "
        "LoRA of the same rank."
    )
    finding: ClassVar[str] = (
        "The paper tunes models that draw, where it did best: for pictures of a given thing, for objects and scenes, "
        "and for drawing from examples."
    )
    order: ClassVar[int] = 127
    peft_config: ClassVar[str] = "DeftConfig"
    words: ClassVar[dict[str, str]] = {
        "rank": "r",
        "projection": "decomposition_method",
        "dropout": "deft_dropout",
    }

    rank: int = knob(8, "directions that are replaced", low=1, high=4096)
    projection: str = knob(
        "relu", "which directions go: as in the formula, or all of P's at right angles (qr)", choices=("relu", "qr")
    )
    dropout: float = knob(0.0, "fraction of the inputs of R that is left out in training", low=0.0, high=0.9)
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """As LoRA's; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """P over the outputs, R over the inputs."""
        if self.rank > outputs:
            raise SpecError("deft:rank", self.rank, f"{outputs} or less, the outputs of {weight.name}")
        return {"deft_P": ((outputs, self.rank), "outputs * rank"), "deft_R": ((self.rank, inputs), "rank * inputs")}

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """DEFT's part of the config."""
        return {**super().settings(weights, card), "fan_in_fan_out": card.transposed}
