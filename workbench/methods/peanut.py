"""PEANuT: a small network reads each frozen matrix and writes the change of it."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 1e-2


@dataclass(frozen=True)
class PEANuT(Beside):
    """The columns of a frozen matrix pass a small network, and what comes out is added to them.

    Formula: y = W x + strength B f(A W) x, f bends each number; with depth, square layers with shortcuts stand between
    A and B. A (rank, outputs) random, B (outputs, rank) zero at the start.
    Paper: Zhong et al. 2024, arXiv:2410.01870.
    """

    name: ClassVar[str] = "peanut"
    title: ClassVar[str] = "PEANuT"
    plain: ClassVar[str] = "A small network reads a frozen matrix and writes how to change it."
    idea: ClassVar[str] = (
        "LoRA's change knows nothing of the matrix that it is added to. Here a small network takes the frozen matrix "
        "itself as its input, so the same few numbers can write changes of many directions."
    )
    formula: ClassVar[str] = "y = W x + strength B f(A W) x, f bends each number, only A and B move"
    paper: ClassVar[str] = "Zhong et al. 2024, arXiv:2410.01870"
    when: ClassVar[str] = (
        "Use it where LoRA stays behind and few numbers may be stored. Each step works with whole matrices, so it is "
        "slower and wants more memory than LoRA."
    )
    finding: ClassVar[str] = (
        "On over twenty data sets of language and of pictures it did better than strong other ways throughout. It can "
        "express at least as much as changes without a bend, with as many numbers or fewer."
    )
    order: ClassVar[int] = 128
    peft_config: ClassVar[str] = "PeanutConfig"
    words: ClassVar[dict[str, str]] = {
        "rank": "r",
        "depth": "depth",
        "nonlinearity": "act_fn",
        "strength": "scaling",
    }
    serves_transposed: ClassVar[bool] = False

    rank: int = knob(8, "width of the small network", low=1, high=4096)
    depth: int = knob(0, "square layers on each side of the middle; 0 leaves A and B alone", low=0, high=16)
    nonlinearity: str = knob("relu", "what bends the numbers", choices=("relu", "gelu", "silu", "tanh"))
    strength: float = knob(1.0, "the change is scaled by this", low=0.001, high=10_000)
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """As LoRA's; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """A and B, both over the outputs, and the square layers between them."""
        square = ((self.rank, self.rank), "rank * rank")
        between = [f"peanut_{side}coders.{place}.weight" for side in ("en", "de") for place in range(self.depth)]
        return {
            "peanut_A.weight": ((self.rank, outputs), "rank * outputs"),
            "peanut_B.weight": ((outputs, self.rank), "outputs * rank"),
            **dict.fromkeys(between, square),
        }
