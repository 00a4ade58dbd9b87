"""PSOFT: the strongest directions of a matrix are turned among themselves."""

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 3e-3


@dataclass(frozen=True)
class PSOFT(Beside):
    """Of a frozen matrix the part with the strongest directions is turned within these, and may be stretched.

    Formula: y = W x + U S (b * R * a - I) V^T x; U S V^T are the strongest directions of W, R = (I + Q)(I - Q)^-1 with
    Q^T = -Q, a scales its columns and b its rows. Q zero, a and b one at the start.
    Paper: Wu et al. 2025, arXiv:2505.11235.
    """

    name: ClassVar[str] = "psoft"
    title: ClassVar[str] = "PSOFT"
    plain: ClassVar[str] = "Turn the strongest directions of a matrix among themselves, and leave the rest."
    idea: ClassVar[str] = (
        "A rotation changes what a matrix attends to and keeps how its directions stand to each other, but a rotation "
        "of all inputs is large. Within the strongest directions alone it is small, and those matter most."
    )
    formula: ClassVar[str] = "y = W x + U S (b * R * a - I) V^T x, R turns, a and b stretch; only Q, a and b move"
    paper: ClassVar[str] = "Wu et al. 2025, arXiv:2505.11235"
    when: ClassVar[str] = (
        "Use it where OFT would do and fewer numbers must be stored: they do not grow with the width. The start takes "
        "a decomposition of each matrix, which large models wait for."
    )
    finding: ClassVar[str] = (
        "On 35 tasks of language and pictures, with four models, it kept what a model means by its directions and "
        "learned well all the same. It saved numbers, memory and computation at once."
    )
    order: ClassVar[int] = 146
    peft_config: ClassVar[str] = "PsoftConfig"
    words: ClassVar[dict[str, str]] = {"rank": "r", "stretch": "psoft_mag_a", "dropout": "psoft_dropout"}
    notes: ClassVar[dict[str, str]] = {
        "psoft_mag_b": "the second of the two vectors that stretch",
        "psoft_alpha": "as the rank, so that nothing is scaled",
    }
    on_by_default: ClassVar[frozenset[str]] = frozenset({"psoft_mag_a", "psoft_mag_b"})
    serves_transposed: ClassVar[bool] = False

    rank: int = knob(32, "strongest directions that are turned", low=2, high=4096)
    stretch: bool = knob(True, "let two vectors stretch the directions, so that the turning need not be strict")
    dropout: float = knob(0.0, "fraction of the inputs that the turning does not see in training", low=0.0, high=0.9)
    targets: str = knob(ALL_LINEAR, "which matrices are turned", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """Small angles add up over many directions, so below LoRA's; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """What is above the diagonal of Q, and the two vectors."""
        if self.rank > min(inputs, outputs):
            raise SpecError("psoft:rank", self.rank, f"{min(inputs, outputs)} or less for {weight.name}")
        above = {"psoft_R.weight": ((self.rank * (self.rank - 1) // 2,), "rank (rank - 1) / 2")}
        vectors = {f"psoft_R.vector_{side}": ((self.rank,), "rank") for side in "ab"}
        return {**above, **(vectors if self.stretch else {})}

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """PSOFT's part of the config."""
        return {**super().settings(weights, card), "psoft_mag_b": self.stretch, "psoft_alpha": self.rank}
