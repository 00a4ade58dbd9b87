"""VeRA: one frozen pair of random matrices for the whole model, and two learned vectors beside each matrix."""

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 1e-1
PROJECTION_SEED = 0  # A and B are the same in every run, as PEFT's default has it


@dataclass(frozen=True)
class VeRA(Beside):
    """Two random thin matrices, shared by all layers, never move; each layer learns how much to use of each direction.

    Formula: y = W x + b * (B (d * (A x))), * elementwise; A, B random and frozen; b zero, d 0.1 at the start.
    Paper: Kopiczko et al. 2023, arXiv:2310.11454.
    """

    name: ClassVar[str] = "vera"
    title: ClassVar[str] = "VeRA"
    plain: ClassVar[str] = "Like LoRA, but the thin matrices are random and shared; only two vectors a layer learn."
    idea: ClassVar[str] = (
        "Random directions are good enough if each layer may choose how loud each of them is. So one frozen pair of "
        "matrices serves the whole model, and a layer learns only two vectors."
    )
    formula: ClassVar[str] = "y = W x + b * (B (d * (A x))), * elementwise, only the vectors b and d move"
    paper: ClassVar[str] = "Kopiczko et al. 2023, arXiv:2310.11454"
    when: ClassVar[str] = (
        "Use it when each of many tasks may learn far fewer numbers than LoRA does. It wants a higher rank and a "
        "higher learning rate than LoRA."
    )
    finding: ClassVar[str] = (
        "With ten times fewer trained numbers than LoRA it did as well on GLUE and E2E. Llama 2 7B learned to follow "
        "instructions with 1.4 million."
    )
    order: ClassVar[int] = 150
    peft_config: ClassVar[str] = "VeraConfig"
    words: ClassVar[dict[str, str]] = {"rank": "r", "start": "d_initial", "dropout": "vera_dropout"}
    notes: ClassVar[dict[str, str]] = {"projection_prng_key": "the seed of the random matrices"}

    rank: int = knob(256, "random directions that all matrices share", low=1, high=65_536)
    start: float = knob(0.1, "what the vector d holds at the start", low=0.0001, high=10.0)
    dropout: float = knob(0.0, "fraction of the inputs of A that is left out in training", low=0.0, high=0.9)
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """A number that scales a whole direction bears a high rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """The vectors of one layer: d over the shared directions, b over the outputs."""
        return {"vera_lambda_b": ((outputs,), "outputs"), "vera_lambda_d": ((self.rank,), "rank")}

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """VeRA's part of the config."""
        fixed = {"projection_prng_key": PROJECTION_SEED, "fan_in_fan_out": card.transposed}
        return {**super().settings(weights, card), **fixed}

    def also_kept(self, weights: list[Piece], card: ModelCard) -> int:
        """A and B, as large as the largest matrix needs them; PEFT keeps them so that every machine has the same."""
        sizes = [card.sizes(weight) for weight in weights]
        return self.rank * (max(inputs for inputs, _ in sizes) + max(outputs for _, outputs in sizes))
