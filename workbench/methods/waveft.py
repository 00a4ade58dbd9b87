"""WaveFT: the change of a matrix is made of a few learned wavelets."""

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 3e-3
FAMILIES = ("db1", "db2", "db4", "sym4", "coif1")
PLACES_SEED = 777  # which wavelets may be used is the same in every run, as PEFT's default has it


@dataclass(frozen=True)
class WaveFT(Beside):
    """A few entries of a change's wavelet transform are learned; the inverse transform turns them into the change.

    Formula: y = W x + strength IDWT(C) x; C zero but for n entries at random places, which start at zero.
    Paper: Bilican et al. 2025, arXiv:2505.12532.
    """

    name: ClassVar[str] = "waveft"
    title: ClassVar[str] = "WaveFT"
    plain: ClassVar[str] = "Each matrix learns how much of some small patches, the wavelets, is added to it."
    idea: ClassVar[str] = (
        "A wavelet changes a small patch of a matrix: more than one entry, and not all of it as a wave does. So a few "
        "learned numbers reach many entries without getting in each other's way."
    )
    formula: ClassVar[str] = "y = W x + strength IDWT(C) x, only n entries of the wavelet coefficients C move"
    paper: ClassVar[str] = "Bilican et al. 2025, arXiv:2505.12532"
    when: ClassVar[str] = (
        "Use it when even LoRA of rank 1 is too large, or to set exactly how many numbers are learned. Each step costs "
        "more, since the whole change is computed anew."
    )
    finding: ClassVar[str] = (
        "With Stable Diffusion XL, taught to draw one given thing, it did much better than LoRA, most of all with very "
        "few numbers. It kept closer to the thing and to the prompt, and the pictures were more varied."
    )
    order: ClassVar[int] = 156
    peft_config: ClassVar[str] = "WaveFTConfig"
    words: ClassVar[dict[str, str]] = {"wavelets": "n_frequency", "strength": "scaling", "family": "wavelet_family"}
    notes: ClassVar[dict[str, str]] = {"random_loc_seed": "the seed of the places among the coefficients"}

    wavelets: int = knob(1000, "wavelet coefficients that each matrix learns", low=1, high=1_000_000)
    strength: float = knob(25.0, "the change is scaled by this", low=0.001, high=10_000)
    family: str = knob("db1", "the wavelet's shape; db1 covers 2 x 2 entries, the others more", choices=FAMILIES)
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """Below LoRA's, since the change is scaled up; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """The coefficients of one change."""
        if self.wavelets > inputs * outputs:
            raise SpecError("waveft:wavelets", self.wavelets, f"{inputs * outputs} or less for {weight.name}")
        return {"waveft_spectrum": ((self.wavelets,), "wavelets")}

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """WaveFT's part of the config."""
        fixed = {"random_loc_seed": PLACES_SEED, "fan_in_fan_out": card.transposed}
        return {**super().settings(weights, card), **fixed}
