"""OSF: the strongest directions of a matrix are kept, and all the rest of it may move."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 3e-3


@dataclass(frozen=True)
class OSF(Beside):
    """A matrix is taken apart by strength; the weak part is trained, and never into the directions of the strong one.

    Formula: W = U1 S1 V1^T + U2 S2 V2^T, the first strong and frozen, the second moves; gradients of U2 and V2 lose
    what they have along U1 and V1.
    Paper: Nayak et al. 2025, arXiv:2504.07097. It keeps more of some layers than of others; here all keep as much.
    """

    name: ClassVar[str] = "osf"
    title: ClassVar[str] = "OSF"
    plain: ClassVar[str] = "Keep the strongest directions of each matrix, and let only the weak ones move."
    idea: ClassVar[str] = (
        "What a model knows sits mostly in the strongest directions of its matrices. A new task is learned at right "
        "angles to them, in the weak ones, so that the old is hardly disturbed."
    )
    formula: ClassVar[str] = (
        "W = U1 S1 V1^T + U2 S2 V2^T, only the weak U2, S2 and V2 move, at right angles to U1 and V1"
    )
    paper: ClassVar[str] = "Nayak et al. 2025, arXiv:2504.07097"
    when: ClassVar[str] = (
        "Use it when tasks are learned one after the other, or what the model knew must stay. It moves about as many "
        "numbers as full fine-tuning, and keeps a copy of them."
    )
    finding: ClassVar[str] = (
        "T5-Large and LLaMA-2 7B, taught task after task, were up to 7 % more accurate on average than with ways such "
        "as O-LoRA. Next to nothing was forgotten."
    )
    order: ClassVar[int] = 148
    peft_config: ClassVar[str] = "OSFConfig"
    words: ClassVar[dict[str, str]] = {"kept": "effective_rank"}
    serves_transposed: ClassVar[bool] = False

    kept: float = knob(
        0.5, "fraction of the directions, the strongest ones, that stay as they are", low=0.01, high=0.99
    )
    targets: str = knob(ALL_LINEAR, "which matrices move", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """About full fine-tuning's; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """The weak directions: U over the outputs, their strengths, V over the inputs."""
        shorter = min(inputs, outputs)
        strong = int(shorter * self.kept)  # as PEFT rounds it
        if not strong:
            allowed = f"a fraction of {shorter} directions that is at least one, for {weight.name}"
            raise SpecError("osf:kept", self.kept, allowed)
        weak = shorter - strong
        return {
            "osf_svd_params.U_low": ((outputs, weak), "outputs * weak directions"),
            "osf_svd_params.S_low": ((weak,), "weak directions"),
            "osf_svd_params.V_low": ((weak, inputs), "weak directions * inputs"),
        }
