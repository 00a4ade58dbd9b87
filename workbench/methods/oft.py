"""OFT: what each matrix takes in is turned, block by block, without stretching it."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from workbench.anatomy import Anatomy, Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.blocks import fitting_block
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 1e-3
MOST = 32  # PEFT's own default


@dataclass(frozen=True)
class OFT(Beside):
    """Before a frozen matrix its inputs are rotated, a block of neighbours at a time.

    Formula: y = W R x, R = (I + Q)(I - Q)^-1 in each block, Q = -Q^T; Q zero at the start. PEFT sums the inverse up
    as a series.
    Paper: Qiu et al. 2023, arXiv:2306.07280.
    """

    name: ClassVar[str] = "oft"
    title: ClassVar[str] = "OFT"
    plain: ClassVar[str] = "Turn what flows into each matrix, without making it longer or shorter."
    idea: ClassVar[str] = (
        "A rotation keeps all lengths, and all angles between what the rows of a matrix look for. So the knowledge in "
        "the matrix stays whole while it is pointed at something new."
    )
    formula: ClassVar[str] = "y = W R x, R = (I + Q)(I - Q)^-1 in each block, only Q = -Q^T moves"
    paper: ClassVar[str] = "Qiu et al. 2023, arXiv:2306.07280"
    when: ClassVar[str] = (
        "Use it with a low learning rate when little may be forgotten. It cannot make a signal louder or quieter, so a "
        "task that needs this is better served by LoRA."
    )
    finding: ClassVar[str] = (
        "Stable Diffusion, shown one thing in a few pictures, drew it more like itself with OFT than with LoRA (0.632 "
        "against 0.613 in DINO). After 2,000 steps full tuning's pictures fell apart, OFT's did not."
    )
    order: ClassVar[int] = 142
    peft_config: ClassVar[str] = "OFTConfig"
    words: ClassVar[dict[str, str]] = {"block": "oft_block_size", "alike": "block_share"}
    serves_transposed: ClassVar[bool] = False

    block: int = knob(0, f"inputs that are turned together; 0 takes the most up to {MOST} that fits", low=0, high=1024)
    alike: bool = knob(False, "turn all blocks of a matrix alike, so that far fewer numbers move")
    targets: str = knob(ALL_LINEAR, "which matrices' inputs are turned", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """Small angles add up over a block, so a tenth of LoRA's rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen, with the upper half of Q for every block."""
        return Beside.anatomy(self._fitted(card), card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """What is above the diagonal of Q, one row for every block."""
        if self.block < 2 or inputs % self.block:
            allowed = f"0, or a number from 2 on that divides {inputs}, the inputs of {weight.name}"
            raise SpecError("oft:block", self.block, allowed)
        blocks = 1 if self.alike else inputs // self.block
        return {"oft_R.weight": ((blocks, self.block * (self.block - 1) // 2), "blocks * block (block - 1) / 2")}

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """OFT's part of the config."""
        return Beside.settings(self._fitted(card), weights, card)

    def _fitted(self, card: ModelCard) -> "OFT":
        """With a size for the blocks where none was given."""
        if self.block:
            return self
        return replace(self, block=fitting_block((card.sizes(weight)[0] for weight in self.weights(card)), MOST))
