"""HRA: what each matrix takes in is reflected by a chain of learned mirrors."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 1e-2


@dataclass(frozen=True)
class HRA(Beside):
    """Before a frozen matrix its inputs pass a chain of Householder reflections.

    Formula: y = W H1 H2 ... Hr x, Hi = I - 2 ui ui^T / |ui|^2. At the start the mirrors are equal in pairs, and each
    pair takes back what it does.
    Paper: Yuan et al. 2024, arXiv:2405.17484.
    """

    name: ClassVar[str] = "hra"
    title: ClassVar[str] = "HRA"
    plain: ClassVar[str] = "Send what flows into each matrix past a few mirrors that learn how to stand."
    idea: ClassVar[str] = (
        "Two mirrors make a rotation, so a chain of mirrors turns a signal and keeps its length, as OFT does. Each "
        "mirror changes the matrix in one direction only, so the whole change has a low rank, as LoRA's has."
    )
    formula: ClassVar[str] = "y = W H1 H2 ... Hr x, Hi = I - 2 ui ui^T / |ui|^2, only u1 ... ur move"
    paper: ClassVar[str] = "Yuan et al. 2024, arXiv:2405.17484"
    when: ClassVar[str] = (
        "Use it where OFT would do and fewer numbers must be stored: half of LoRA's at the same rank. PEFT builds each "
        "chain as a full matrix at every step, so it is slow in wide models."
    )
    finding: ClassVar[str] = (
        "Llama-2-7B, tuned to do mathematics, lost 1.8 % of its scores in other tasks with HRA and 6.0 % with LoRA. "
        "In mathematics it was better than with BOFT, also with half of BOFT's numbers."
    )
    order: ClassVar[int] = 144
    peft_config: ClassVar[str] = "HRAConfig"
    words: ClassVar[dict[str, str]] = {"mirrors": "r"}
    serves_transposed: ClassVar[bool] = False

    mirrors: int = knob(8, "reflections in a chain, an even number: they start in pairs", low=2, high=4096)
    targets: str = knob(ALL_LINEAR, "which matrices' inputs are reflected", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """As LoRA's; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """One vector for each mirror."""
        if self.mirrors % 2 or self.mirrors > inputs:
            raise SpecError("hra:mirrors", self.mirrors, f"an even number up to {inputs} for {weight.name}")
        return {"hra_u": ((inputs, self.mirrors), "inputs * mirrors")}
