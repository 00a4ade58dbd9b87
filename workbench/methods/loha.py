"""LoHa: the change of a matrix is the elementwise product of two low-rank ones."""

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
class LoHa(Beside):
    """Two low-rank products beside a frozen matrix are multiplied number by number and added to it.

    Formula: y = W x + (alpha / rank) (A1 B1 * A2 B2) x, * elementwise; one factor zero at the start.
    Paper: Hyeon-Woo et al. 2021 (FedPara), arXiv:2108.06098; as a way of tuning: Yeh et al. 2023, arXiv:2309.14859.
    """

    name: ClassVar[str] = "loha"
    title: ClassVar[str] = "LoHa"
    plain: ClassVar[str] = "Like LoRA, with two small corrections that are multiplied number by number."
    idea: ClassVar[str] = (
        "The elementwise product of two matrices of rank r can have rank r squared. So twice the numbers of LoRA can "
        "hold a change with many more directions."
    )
    formula: ClassVar[str] = "y = W x + (alpha / rank) (A1 B1 * A2 B2) x, * elementwise, only A1, B1, A2, B2 move"
    paper: ClassVar[str] = "Hyeon-Woo et al. 2021 (FedPara), arXiv:2108.06098"
    when: ClassVar[str] = (
        "Use it where LoRA's few directions seem too few and a higher rank would be too large. It is slower to train "
        "than LoRA, since the change of every matrix is written out in full at each step."
    )
    finding: ClassVar[str] = (
        "Networks whose matrices were such products, trained by many devices together, sent 3 to 10 times fewer "
        "numbers and did about as well as with full matrices. Plain low-rank matrices did not reach that."
    )
    order: ClassVar[int] = 140
    peft_config: ClassVar[str] = "LoHaConfig"
    words: ClassVar[dict[str, str]] = {"rank": "r", "alpha": "alpha", "dropout": "rank_dropout"}
    serves_transposed: ClassVar[bool] = False

    rank: int = knob(4, "rank of each of the two products", low=1, high=4096)
    alpha: float = knob(8.0, "strength: the change is scaled by alpha / rank", low=0.001, high=100_000)
    dropout: float = knob(0.0, "fraction of the change's rows that is left out in training", low=0.0, high=0.5)
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """As LoRA's; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """Two pairs of thin matrices."""
        left, right = ((outputs, self.rank), "outputs * rank"), ((self.rank, inputs), "rank * inputs")
        return {"hada_w1_a": left, "hada_w1_b": right, "hada_w2_a": left, "hada_w2_b": right}
