"""(IA)3: learned scales on keys, values and the feed-forward's inner activations."""

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes, modules_of
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 1e-1
SCALED_INPUT = "feed_forward_down"  # its input is the inner activation that the paper scales


@dataclass(frozen=True)
class IA3(Beside):
    """One number for each output of a layer makes it louder or quieter; all matrices stay frozen.

    Formula: y = l * (W x) for keys and values, y = W (l * x) for the feed-forward's way down; l starts at 1.
    Paper: Liu et al. 2022, arXiv:2205.05638.
    """

    name: ClassVar[str] = "ia3"
    title: ClassVar[str] = "(IA)3"
    plain: ClassVar[str] = "Learn only how loud each signal is: one number per channel."
    idea: ClassVar[str] = (
        "Instead of changing matrices, scale what flows between them: keys, values and the feed-forward's signals. "
        "The scales start at one, and few methods learn fewer numbers."
    )
    formula: ClassVar[str] = "y = l * (W x), only l moves, l = 1 at the start"
    paper: ClassVar[str] = "Liu et al. 2022, arXiv:2205.05638"
    when: ClassVar[str] = (
        "Use it when a few dozen examples are all there is, and a task may store next to nothing. It wants a high "
        "learning rate, so look at what is forgotten."
    )
    finding: ClassVar[str] = (
        "T-Few, made of it and the model T0, was the first to do better than people on RAFT, tasks that it had never "
        "met, and 6 points better than the best model before. It was more exact and far cheaper than examples in a "
        "prompt."
    )
    order: ClassVar[int] = 130
    taught: ClassVar[bool] = True
    peft_config: ClassVar[str] = "IA3Config"
    notes: ClassVar[dict[str, str]] = {"feedforward_modules": "of these the input is scaled, of the others the output"}

    targets: str = knob(
        "key+value+down", "which layers are scaled", choices=(*ROLES, ALL_LINEAR), several=True
    )  # the paper's three, equation in section 3.3

    def default_learning_rate(self, card: ModelCard) -> float:
        """A single number per channel bears a high rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """The scale of one layer: a row over its inputs, or a column over its outputs."""
        is_input = weight.role == SCALED_INPUT
        return {"ia3_l": ((1, inputs), "inputs") if is_input else ((outputs, 1), "outputs")}

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """(IA)3's part of the config."""
        inputs = [weight for weight in weights if weight.role == SCALED_INPUT]
        return {"feedforward_modules": modules_of(inputs), "fan_in_fan_out": card.transposed}
