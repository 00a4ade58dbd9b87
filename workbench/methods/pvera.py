"""PVeRA: VeRA whose directions are as loud as drawn, from a range that is learned."""

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
class PVeRA(Beside):
    """As in VeRA random thin matrices never move, and here they give a mean and a variance, from which a draw is taken.

    Formula: y = W x + b * (B (m + n * exp(v / 2))), (m, v) = d * (A x), n normal noise in training and zero else; A, B
    random and frozen; b zero, d 0.1 at the start.
    Paper: Fillioux et al. 2025, arXiv:2512.07703. PEFT adds nothing to the loss that would hold the draws together.
    """

    name: ClassVar[str] = "pvera"
    title: ClassVar[str] = "PVeRA"
    plain: ClassVar[str] = "Like VeRA, but in training what goes through each random direction is drawn by chance."
    idea: ClassVar[str] = (
        "What should be added to a layer's answer is not always clear from its input. So a layer learns a mean and a "
        "spread, draws from them while it trains, and answers with the mean."
    )
    formula: ClassVar[str] = "y = W x + b * (B (m + n * exp(v / 2))), (m, v) = d * (A x), only b and d move"
    paper: ClassVar[str] = "Fillioux et al. 2025, arXiv:2512.07703"
    when: ClassVar[str] = (
        "Use it where VeRA would do and examples contradict each other. Choose matrices whose inputs are normalised: "
        "the noise grows exponentially with what flows in."
    )
    finding: ClassVar[str] = (
        "On the 19 tasks of pictures of VTAB-1k, with DINOv2, it did better than VeRA and six other ways of this kind. "
        "Its answers may be drawn several times, which shows how sure they are."
    )
    order: ClassVar[int] = 151
    peft_config: ClassVar[str] = "PveraConfig"
    words: ClassVar[dict[str, str]] = {"rank": "r", "start": "d_initial", "dropout": "pvera_dropout"}
    notes: ClassVar[dict[str, str]] = {"projection_prng_key": "the seed of the random matrices"}

    rank: int = knob(256, "random directions that all matrices share", low=1, high=65_536)
    start: float = knob(0.1, "what the vector d holds at the start", low=0.0001, high=10.0)
    dropout: float = knob(0.0, "fraction of the inputs of A that is left out in training", low=0.0, high=0.9)
    targets: str = knob(
        "query+value",
        "which matrices are changed; in a decoder the large inputs of down would make the noise boundless",
        choices=(*ROLES, ALL_LINEAR),
        several=True,
    )

    def default_learning_rate(self, card: ModelCard) -> float:
        """As VeRA's; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """The vectors of one layer: d over the means and the variances of all directions, b over the outputs."""
        return {"pvera_lambda_b": ((outputs,), "outputs"), "pvera_lambda_d": ((2 * self.rank,), "2 * rank")}

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """PVeRA's part of the config."""
        fixed = {"projection_prng_key": PROJECTION_SEED, "fan_in_fan_out": card.transposed}
        return {**super().settings(weights, card), **fixed}

    def also_kept(self, weights: list[Piece], card: ModelCard) -> int:
        """A and B, as large as the largest matrix needs them; PEFT keeps them so that every machine has the same."""
        sizes = [card.sizes(weight) for weight in weights]
        return self.rank * (2 * max(inputs for inputs, _ in sizes) + max(outputs for _, outputs in sizes))
