"""RoAd: what comes out of a frozen matrix is turned and stretched, two signals at a time."""

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.blocks import fitting_block
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 3e-2
HALVES = {"road_1": 1, "road_2": 2, "road_4": 4}  # angles, in halves of the outputs
MOST_PAIRS = 32  # PEFT's own group: 64 outputs, whose first half is paired with the second


@dataclass(frozen=True)
class RoAd(Beside):
    """The outputs of a layer are taken in pairs, and each pair is turned by an angle and stretched.

    Formula: (y1, y2) = stretch * (cos(angle) h1 - sin(angle) h2, sin(angle) h1 + cos(angle) h2), h = W x; angle 0 and
    stretch 1 at the start.
    Paper: Liao and Monz 2024, arXiv:2409.00119.
    """

    name: ClassVar[str] = "road"
    title: ClassVar[str] = "RoAd"
    plain: ClassVar[str] = "Take the signals of a layer in pairs, and learn how far to turn and stretch each pair."
    idea: ClassVar[str] = (
        "Two signals are a point in a plane, which can be turned about the origin and moved away from it. One angle "
        "and one stretch for each pair of signals are learned, and they cost no more than multiplying number by number."
    )
    formula: ClassVar[str] = "y = R W x, R turns and stretches pairs of outputs, only its angles and stretches move"
    paper: ClassVar[str] = "Liao and Monz 2024, arXiv:2409.00119"
    when: ClassVar[str] = (
        "Use it when one model serves many tasks at once and each may store next to nothing. Like (IA)3 it wants a "
        "high learning rate."
    )
    finding: ClassVar[str] = (
        "With less than 0.1 % of a model's parameters trained it did best on GLUE, eight tasks of commonsense and four "
        "of arithmetic. Requests for different tasks can share a batch at hardly any cost."
    )
    order: ClassVar[int] = 124
    peft_config: ClassVar[str] = "RoadConfig"
    words: ClassVar[dict[str, str]] = {"variant": "variant"}
    notes: ClassVar[dict[str, str]] = {"group_size": "which outputs are pairs: halves of so many"}
    serves_transposed: ClassVar[bool] = False

    variant: str = knob(
        "road_1",
        "an angle and a stretch for each pair, for each output (road_2), or two for each output (road_4)",
        choices=tuple(HALVES),
    )
    targets: str = knob(ALL_LINEAR, "which layers' outputs are turned", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """A few numbers for each layer bear a high rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """Angles and stretches of one layer."""
        if outputs % 2:
            raise SpecError("road:targets", self.targets, f"layers with an even number of outputs, not {weight.name}")
        halves = HALVES[self.variant]
        numbers = ((outputs * halves // 2,), f"outputs * {halves} / 2")
        return {"road_theta": numbers, "road_alpha": numbers}

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """RoAd's part of the config; the largest group that fits all layers."""
        pairs = fitting_block((card.sizes(weight)[1] for weight in weights), MOST_PAIRS, step=2)
        return {**super().settings(weights, card), "group_size": 2 * pairs}
