"""C3A: the change of a matrix is made of circles, in which each row is the one above it moved on by one."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from workbench.anatomy import Anatomy, Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.blocks import fitting_block
from workbench.methods.rates import borne
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 1e0
MOST = 256  # PEFT's own size of a block


@dataclass(frozen=True)
class C3A(Beside):
    """The change of a matrix consists of square blocks, each of which one row decides: its circular convolution.

    Formula: y = W x + C(k) x / inputs, C(k) has in block (m, n) the rows of k_mn moved on in a circle; k zero at the
    start (the paper draws it at random).
    Paper: Chen et al. 2024, arXiv:2407.19342.
    """

    name: ClassVar[str] = "c3a"
    title: ClassVar[str] = "C3A"
    plain: ClassVar[str] = "The change of a matrix repeats one short row, moved on by a place from line to line."
    idea: ClassVar[str] = (
        "A square block in which each row is the one above it moved on by one place takes no more numbers than one "
        "row, and yet may change all directions. Fast Fourier transforms multiply with it at little cost."
    )
    formula: ClassVar[str] = "y = W x + C(k) x / inputs, C(k) circulant in blocks, only k moves"
    paper: ClassVar[str] = "Chen et al. 2024, arXiv:2407.19342"
    when: ClassVar[str] = (
        "Use it where LoRA's few directions seem too few, and as few numbers as LoRA's should move. Smaller blocks "
        "move more numbers."
    )
    finding: ClassVar[str] = (
        "The change has a high rank at about LoRA's computation and memory. On various tasks it did better than LoRA "
        "and its variants throughout."
    )
    order: ClassVar[int] = 125
    peft_config: ClassVar[str] = "C3AConfig"
    words: ClassVar[dict[str, str]] = {"block": "block_size"}
    notes: ClassVar[dict[str, str]] = {"init_weights": "the change starts at zero"}
    serves_transposed: ClassVar[bool] = False

    block: int = knob(
        0, f"length of the row that a block repeats; 0 takes the longest up to {MOST} that fits", low=0, high=65_536
    )
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """High, and the same at every width: PEFT divides the change by the number of inputs already."""
        return borne(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen, with a row for every block of each target."""
        return Beside.anatomy(self._fitted(card), card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """A row for each block."""
        if inputs % self.block or outputs % self.block:
            allowed = f"0, or a number that divides {inputs} and {outputs}, inputs and outputs of {weight.name}"
            raise SpecError("c3a:block", self.block, allowed)
        rows = (outputs // self.block, inputs // self.block, self.block)
        return {"c3a_kernel": (rows, "outputs * inputs / block")}

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """C3A's part of the config."""
        return {**Beside.settings(self._fitted(card), weights, card), "init_weights": True}

    def _fitted(self, card: ModelCard) -> "C3A":
        """With a length for the rows where none was given."""
        if self.block:
            return self
        sizes = [size for weight in self.weights(card) for size in card.sizes(weight)]
        return replace(self, block=fitting_block(sizes, MOST))
