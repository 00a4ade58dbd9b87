"""DeLoRA: LoRA whose directions have length one, and whose strength is a number of its own."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 1e-3


@dataclass(frozen=True)
class DeLoRA(Beside):
    """LoRA's thin matrices give directions only; one number for each frozen matrix says how far the change goes.

    Formula: y = W x + (strength / rank) sum_i (b_i / |b_i|) (a_i / |a_i|) N x, where N holds the lengths of W's
    columns; A random, B zero at the start.
    Paper: Bini et al. 2025, arXiv:2503.18225.
    """

    name: ClassVar[str] = "delora"
    title: ClassVar[str] = "DeLoRA"
    plain: ClassVar[str] = "Like LoRA, but where the change points and how strong it is are learned apart."
    idea: ClassVar[str] = (
        "In LoRA a long training or a high rate lets the correction grow without end. Here its directions are kept at "
        "length one, and a single learned number says how strong it is."
    )
    formula: ClassVar[str] = "y = W x + (strength / rank) B D A N x, D makes rows of A and columns of B as long as one"
    paper: ClassVar[str] = "Bini et al. 2025, arXiv:2503.18225"
    when: ClassVar[str] = (
        "Use it when you cannot try many learning rates, or train for long. The strength takes the place of the rate "
        "as the setting that counts."
    )
    finding: ClassVar[str] = (
        "For pictures of a given thing, language understanding and following instructions it was as good as other ways "
        "of this kind or better. It was less easily upset by a high learning rate or a long training."
    )
    order: ClassVar[int] = 122
    peft_config: ClassVar[str] = "DeloraConfig"
    words: ClassVar[dict[str, str]] = {"rank": "r", "strength": "delora_lambda", "dropout": "module_dropout"}
    serves_transposed: ClassVar[bool] = False

    rank: int = knob(8, "directions that the change of a matrix may have", low=1, high=4096)
    strength: float = knob(
        4.0, "how strong the change is at first; it moves too, and models of billions take 15", low=0.001, high=1000
    )
    dropout: float = knob(0.0, "fraction of the inputs that the change leaves out in training", low=0.0, high=0.9)
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """As LoRA's; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """A and B as in LoRA, and the strength."""
        return {
            "delora_A": ((self.rank, inputs), "rank * inputs"),
            "delora_B": ((outputs, self.rank), "outputs * rank"),
            "delora_lambda": ((1,), "1"),
        }

    def also_kept(self, weights: list[Piece], card: ModelCard) -> int:
        """The lengths of W's columns, which PEFT writes down beside A and B."""
        return sum(card.sizes(weight)[0] for weight in weights)
