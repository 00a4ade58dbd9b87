"""FourierFT: the change of a matrix is made of a few learned waves."""

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.rates import borne
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 1e-1
PLACES_SEED = 777  # which waves may be used is the same in every run, as PEFT's default has it


@dataclass(frozen=True)
class FourierFT(Beside):
    """A few entries of a change's two-dimensional Fourier spectrum are learned; the inverse transform spreads them out.

    Formula: y = W x + strength real(IDFT2(F)) x; F zero but for n entries at random places.
    Paper: Gao et al. 2024, arXiv:2405.03003. There the entries start random; here at zero, so that the base is kept.
    """

    name: ClassVar[str] = "fourierft"
    title: ClassVar[str] = "FourierFT"
    plain: ClassVar[str] = "Each matrix learns how much of a thousand waves is added to it."
    idea: ClassVar[str] = (
        "As a picture can be stored in few frequencies, so can the change of a matrix. A number learned in the "
        "spectrum reaches every entry of the matrix, and how many are learned does not grow with its size."
    )
    formula: ClassVar[str] = "y = W x + strength real(IDFT2(F)) x, only n entries of the spectrum F move"
    paper: ClassVar[str] = "Gao et al. 2024, arXiv:2405.03003"
    when: ClassVar[str] = (
        "Use it when each task may store far less than LoRA does, most of all with wide models. Each step costs more, "
        "since the whole change is computed anew."
    )
    finding: ClassVar[str] = (
        "In teaching Llama 2 7B to follow instructions, 0.064 million numbers did better than LoRA's 33.5 million."
    )
    order: ClassVar[int] = 155
    peft_config: ClassVar[str] = "FourierFTConfig"
    words: ClassVar[dict[str, str]] = {"waves": "n_frequency", "strength": "scaling"}
    notes: ClassVar[dict[str, str]] = {
        "random_loc_seed": "the seed of the places in the spectrum",
        "init_weights": "all entries start at zero",
    }

    waves: int = knob(1000, "entries of the spectrum that each matrix learns", low=1, high=1_000_000)
    strength: float = knob(300.0, "the change is scaled by this", low=0.01, high=100_000)  # as for LLaMA in the paper
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """The same for every width, since the transform itself divides by the size of the matrix."""
        return borne(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """The entries of one spectrum."""
        if self.waves > inputs * outputs:
            raise SpecError("fourierft:waves", self.waves, f"{inputs * outputs} or less for {weight.name}")
        return {"fourierft_spectrum": ((self.waves,), "waves")}

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """FourierFT's part of the config."""
        fixed = {"random_loc_seed": PLACES_SEED, "init_weights": True, "fan_in_fan_out": card.transposed}
        return {**super().settings(weights, card), **fixed}
