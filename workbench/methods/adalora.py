"""AdaLoRA: LoRA that gives its directions to the matrices that need them most."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.anatomy import Anatomy, Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes, module_of
from workbench.methods.contract import Tuned
from workbench.methods.importance import Allocating, allocating, take_away, weigh
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-2


@dataclass(frozen=True)
class AdaLoRA(Beside):
    """Each matrix starts with more directions than it will keep; those that matter least are taken away in training.

    Formula: y = W x + (alpha / start_rank) P E Q x, E diagonal and zero at the start; the least important E_ii become
    zero. Importance is |w dL/dw|, smoothed, times how much it varies, of E_ii and on average of its row and column.
    The penalty that keeps P and Q orthogonal is left out, so that the loss is that of all methods.
    Paper: Zhang et al. 2023, arXiv:2303.10512.
    """

    name: ClassVar[str] = "adalora"
    title: ClassVar[str] = "AdaLoRA"
    plain: ClassVar[str] = "Like LoRA, but matrices that matter more for the task keep more of the learned directions."
    idea: ClassVar[str] = (
        "Not every matrix has as much to learn, so an equal rank for all gives some too much and others too little. "
        "Training starts with directions to spare, and the least important ones of the whole model are taken away."
    )
    formula: ClassVar[str] = "y = W x + (alpha / start_rank) P E Q x, only P, Q and the diagonal E move"
    paper: ClassVar[str] = "Zhang et al. 2023, arXiv:2303.10512"
    when: ClassVar[str] = (
        "Use it when very few numbers may stay and you do not know which layers need them. It needs a training that is "
        "long enough to find out."
    )
    finding: ClassVar[str] = (
        "In understanding texts, answering questions and writing it did notably better than the ways it was compared "
        "with, most of all where very few numbers may move."
    )
    order: ClassVar[int] = 121
    peft_config: ClassVar[str] = "AdaLoraConfig"
    words: ClassVar[dict[str, str]] = {"rank": "target_r", "start_rank": "init_r", "alpha": "lora_alpha"}

    rank: int = knob(8, "directions that matrices keep on average", low=1, high=4096)
    start_rank: int = knob(12, "directions that each matrix starts with", low=2, high=4096)
    alpha: float = knob(32.0, "strength: the change is scaled by alpha / start_rank", low=0.001, high=100_000)
    begin: float = knob(0.1, "fraction of the training after which directions are taken away", low=0.0, high=1.0)
    settled: float = knob(0.6, "fraction of the training after which no more are taken away", low=0.0, high=1.0)
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """As LoRA's; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen, with P, E and Q beside each target; what is taken away is zero and stays in its place."""
        note = f"Of {self.start_rank} directions matrices keep {self.rank} on average; the others end as zeros."
        return replace(super().anatomy(card), notes=(note,))

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """Q, P and the diagonal of E, by PEFT's names."""
        if self.rank >= self.start_rank:
            raise SpecError("adalora:rank", self.rank, f"less than start_rank, {self.start_rank}")
        if self.begin >= self.settled:
            raise SpecError("adalora:settled", self.settled, f"more than begin, {self.begin:g}")
        return {
            "lora_A": ((self.start_rank, inputs), "start_rank * inputs"),
            "lora_B": ((outputs, self.start_rank), "outputs * start_rank"),
            "lora_E": ((self.start_rank, 1), "start_rank"),
        }

    def shared(self, weights: list[Piece], card: ModelCard) -> tuple[Piece, ...]:
        """The rank of each matrix at the start, which PEFT keeps as a parameter that does not move."""
        return tuple(Piece(f"{module_of(weight)}.ranknum", (1,), weight.role, weight.block) for weight in weights)

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """AdaLoRA's part of the config; PEFT's own schedule, which counts steps, is not used."""
        return {**super().settings(weights, card), "total_step": 1, "fan_in_fan_out": card.transposed}

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model with PEFT's AdaLoRA, and listen to its gradients."""
        return allocating(super().apply(model, card, tokenizer, generator))

    def on_progress(self, tuned: Tuned, done: float) -> None:
        """After each step: learn what matters, and take away what the budget has no room for any more."""
        if not isinstance(tuned, Allocating):
            raise TypeError("AdaLoRA goes on with what its own apply returned")
        if not tuned.memory or tuned.is_settled:
            return
        scores = weigh(tuned)
        spare = self.start_rank * len(scores) - self.budget(done, len(scores))
        if spare:
            take_away(tuned, scores, spare, for_good=done >= self.settled)

    def budget(self, done: float, matrices: int) -> int:
        """Directions of all matrices together; they fall as a cube (section 3.3)."""
        left = min(1.0, max(0.0, (self.settled - done) / (self.settled - self.begin)))
        return int(matrices * (self.rank + (self.start_rank - self.rank) * left**3))
