"""TinyLoRA: a handful of numbers says how random mixtures of a matrix's strongest directions add up."""

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes, module_of
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 3e-2
MIXTURES_SEED = 42  # the random matrices are the same in every run, as PEFT's default has it


@dataclass(frozen=True)
class TinyLoRA(Beside):
    """The strongest directions of a frozen matrix are mixed anew by a sum of random small matrices, weighted by v.

    Formula: y = W x + U (sum over i of v_i P_i) V^T x; U and V are the strongest directions of W, with half of their
    strength each, P_i random and frozen; v zero at the start.
    Paper: Morris et al. 2026, arXiv:2602.04118.
    """

    name: ClassVar[str] = "tinylora"
    title: ClassVar[str] = "TinyLoRA"
    plain: ClassVar[str] = "A handful of numbers for each matrix, or for the whole model, says how to change it."
    idea: ClassVar[str] = (
        "LoRA cannot learn fewer numbers than a layer is wide. If its thin matrices are taken from the frozen matrix "
        "and never move, what stands between them may be made of as few numbers as one likes, even of one."
    )
    formula: ClassVar[str] = "y = W x + U (sum over i of v_i P_i) V^T x, only v moves"
    paper: ClassVar[str] = "Morris et al. 2026, arXiv:2602.04118"
    when: ClassVar[str] = (
        "Use it to see how little a model can learn with. It shines where answers are rewarded; from worked examples "
        "it learns far less than LoRA."
    )
    finding: ClassVar[str] = (
        "Qwen2.5 with 8 billion parameters reached 91 % on GSM8K by reinforcement learning of 13 numbers. Trained "
        "on worked examples it took updates 100 to 1,000 times as large for the same."
    )
    order: ClassVar[int] = 157
    peft_config: ClassVar[str] = "TinyLoraConfig"
    words: ClassVar[dict[str, str]] = {"rank": "r", "numbers": "u", "dropout": "tinylora_dropout"}
    notes: ClassVar[dict[str, str]] = {
        "weight_tying": "1.0: one vector for all matrices",
        "projection_seed": "the seed of the random matrices",
    }

    rank: int = knob(2, "strongest directions that are mixed", low=1, high=64)
    numbers: int = knob(13, "numbers in the vector v", low=1, high=4096)
    tied: bool = knob(False, "one vector for the whole model instead of one for each matrix")
    dropout: float = knob(0.0, "fraction of the inputs that the change does not see in training", low=0.0, high=0.9)
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """A number that moves a whole matrix bears a high rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """Nothing of its own: PEFT keeps all vectors in one place."""
        if self.rank > min(inputs, outputs):
            raise SpecError("tinylora:rank", self.rank, f"{min(inputs, outputs)} or less for {weight.name}")
        return {}

    def shared(self, weights: list[Piece], card: ModelCard) -> tuple[Piece, ...]:
        """The vectors, which bear the name of the first layer that uses them."""
        name, size = f"{module_of(weights[0])}.tinylora_v", (self.numbers,)
        if self.tied:
            return (Piece(f"{name}.0", size, "shared_vector", None, "added", "numbers"),)
        return tuple(
            Piece(f"{name}.{place}", size, weight.role, weight.block, "added", "numbers")
            for place, weight in enumerate(weights)
        )

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """TinyLoRA's part of the config."""
        fixed = {"projection_seed": MIXTURES_SEED, "fan_in_fan_out": card.transposed}
        return {**super().settings(weights, card), "weight_tying": float(self.tied), **fixed}

    def also_kept(self, weights: list[Piece], card: ModelCard) -> int:
        """U, V and the random matrices, which PEFT writes down so that every machine has the same."""
        thin = sum(self.rank * sum(card.sizes(weight)) for weight in weights)
        return thin + len(weights) * self.numbers * self.rank**2
