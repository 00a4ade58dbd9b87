"""LoKr: the change of a matrix is the Kronecker product of two small ones."""

from dataclasses import dataclass
from math import isqrt
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 3e-2


@dataclass(frozen=True)
class LoKr(Beside):
    """Every number of one small matrix is multiplied with all of another; the block matrix that results is added.

    Formula: y = W x + (alpha / rank) (A (x) B) x, (x) the Kronecker product; A zero at the start.
    Paper: Yeh et al. 2023 (LyCORIS), arXiv:2309.14859; before it KronA, Edalati et al. 2022, arXiv:2212.10650.
    """

    name: ClassVar[str] = "lokr"
    title: ClassVar[str] = "LoKr"
    plain: ClassVar[str] = "One small pattern, repeated across the whole matrix, each time louder or quieter."
    idea: ClassVar[str] = (
        "The Kronecker product puts a copy of one small matrix in the place of every number of another, and its rank "
        "is the product of their ranks. So very few numbers fill a whole matrix, with a change of many directions."
    )
    formula: ClassVar[str] = "y = W x + (alpha / rank) (A (x) B) x, (x) the Kronecker product, only A and B move"
    paper: ClassVar[str] = "Yeh et al. 2023 (LyCORIS), arXiv:2309.14859"
    when: ClassVar[str] = (
        "Use it when a task may store very little and a few directions are not enough. A smaller factor makes the "
        "second matrix larger and lets it learn more."
    )
    finding: ClassVar[str] = (
        "Stable Diffusion, tuned with about as many numbers each time, came nearest to what it was shown with LoKr, "
        "before LoRA and LoHa. In return its pictures kept less to the prompt and were more alike."
    )
    order: ClassVar[int] = 141
    peft_config: ClassVar[str] = "LoKrConfig"
    words: ClassVar[dict[str, str]] = {
        "rank": "r",
        "alpha": "alpha",
        "factor": "decompose_factor",
        "both": "decompose_both",
    }
    serves_transposed: ClassVar[bool] = False

    rank: int = knob(8, "rank of B, which is a product of two where that is smaller", low=1, high=4096)
    alpha: float = knob(8.0, "strength: the change is scaled by alpha / rank", low=0.001, high=100_000)
    factor: int = knob(0, "rows and columns of A, if they divide; 0 makes A and B about equal", low=0, high=4096)
    both: bool = knob(False, "let A be a product of two as well, where that is smaller")
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """Above LoRA's, since a change is a product of whole patterns; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """The two matrices, each whole or as a product of two thin ones."""
        left, top = divided(inputs, self.factor), divided(outputs, self.factor)
        first = self._matrix("lokr_w1", top[0], left[0], "A", self.both)
        return first | self._matrix("lokr_w2", top[1], left[1], "B", True)

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """LoKr's part of the config."""
        return {**super().settings(weights, card), "decompose_factor": self.factor or -1}

    def _matrix(self, name: str, rows: int, columns: int, letter: str, may_be_product: bool) -> Shapes:
        if not may_be_product or 2 * self.rank >= max(rows, columns):
            return {name: ((rows, columns), f"rows of {letter} * columns of {letter}")}
        return {
            f"{name}_a": ((rows, self.rank), f"rows of {letter} * rank"),
            f"{name}_b": ((self.rank, columns), f"rank * columns of {letter}"),
        }


def divided(size: int, factor: int) -> tuple[int, int]:
    """Two numbers whose product is the size: the factor where it divides, or the greatest divisor below it.

    Without a factor the two are as equal as can be, the smaller one first.
    """
    if factor and size % factor == 0:
        return factor, size // factor
    most = min(factor or size, isqrt(size))
    small = next(number for number in range(most, 0, -1) if size % number == 0)
    return small, size // small
