"""Uni-LoRA: the thin matrices of all layers are filled from one vector."""

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes, module_of
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 3e-1
PLACES_SEED = 42  # which number stands where is the same in every run, as PEFT's default has it


@dataclass(frozen=True)
class UniLoRA(Beside):
    """Every place of LoRA's A and B, in all layers, shows one number of a single learned vector, by a fixed lot.

    Formula: y = W x + B A x; each place of A and B = v_i / sqrt(places that show v_i), i drawn once and for all; v
    between -0.02 and 0.02 at the start.
    Paper: Li et al. 2025, arXiv:2506.00799.
    """

    name: ClassVar[str] = "unilora"
    title: ClassVar[str] = "Uni-LoRA"
    plain: ClassVar[str] = "Like LoRA, with all thin matrices filled by lot from one short vector."
    idea: ClassVar[str] = (
        "Ways that save numbers of LoRA's differ only in how few numbers are spread over its thin matrices. To deal "
        "each place one of them by lot keeps all distances, takes no time, and lets all layers share one vector."
    )
    formula: ClassVar[str] = "y = W x + B A x, each place of A and B shows one number of the vector v, only v moves"
    paper: ClassVar[str] = "Li et al. 2025, arXiv:2506.00799"
    when: ClassVar[str] = (
        "Use it when many tasks must be stored or sent and each file counts: one vector and a seed are all of it. A "
        "longer vector learns more."
    )
    finding: ClassVar[str] = (
        "On GLUE, in mathematics and in following instructions it did as well as earlier ways that save numbers, or "
        "better. It took the fewest numbers of all."
    )
    order: ClassVar[int] = 154
    peft_config: ClassVar[str] = "UniLoraConfig"
    starts_at_base: ClassVar[bool] = False  # neither A nor B is zero
    words: ClassVar[dict[str, str]] = {"rank": "r", "length": "theta_d_length", "dropout": "unilora_dropout"}
    notes: ClassVar[dict[str, str]] = {"proj_seed": "the seed of the lots"}

    rank: int = knob(4, "directions that the change of a matrix may have", low=1, high=4096)
    length: int = knob(1024, "numbers in the vector", low=1, high=100_000_000)
    dropout: float = knob(0.0, "fraction of the inputs of A that is left out in training", low=0.0, high=0.9)
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """A number that many places show bears a high rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """Nothing of its own."""
        return {}

    def shared(self, weights: list[Piece], card: ModelCard) -> tuple[Piece, ...]:
        """The vector, which bears the name of the first layer that uses it."""
        places = self.rank * sum(sum(card.sizes(weight)) for weight in weights)
        if self.length > places:
            raise SpecError("unilora:length", self.length, f"{places} or less, the places of A and B together")
        name = f"{module_of(weights[0])}.unilora_theta_d"
        return (Piece(name, (self.length,), "shared_vector", None, "added", "length"),)

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """Uni-LoRA's part of the config."""
        return {**super().settings(weights, card), "proj_seed": PLACES_SEED, "fan_in_fan_out": card.transposed}
