"""Full fine-tuning: every weight moves."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, thaw
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.methods.rates import narrowed
from workbench.methods.regular import Regular, drops_out
from workbench.methods.weights import base_in_place, release

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-3


@dataclass(frozen=True)
class FullFineTuning(Method):
    """Training simply goes on with the new task's text, and every weight may move.

    Formula: W <- W - rate * Adam(dL/dW) for every W.
    Paper: Radford et al. 2018, Improving Language Understanding by Generative Pre-Training. Its knobs keep it from
    straying: L2-SP, Li et al. 2018, arXiv:1802.01483; mixout, Lee et al. 2019, arXiv:1909.11299; SMART without its
    proximal part, Jiang et al. 2019, arXiv:1911.03437; R-Drop, Liang et al. 2021, arXiv:2106.14448.
    """

    name: ClassVar[str] = "full"
    title: ClassVar[str] = "Full fine-tuning"
    plain: ClassVar[str] = "Train on: every weight of the model may move."
    idea: ClassVar[str] = (
        "Training goes on with the new task's text, starting from the pretrained weights instead of from chance. "
        "It can change everything, so it needs the most memory; how much it forgets depends on the rate."
    )
    formula: ClassVar[str] = "W <- W - rate * Adam(dL/dW), for every W"
    paper: ClassVar[str] = "Radford et al. 2018, Improving Language Understanding by Generative Pre-Training"
    when: ClassVar[str] = (
        "Use it when quality counts most, and memory, storage and forgetting count less. Every task then has a whole "
        "model of its own."
    )
    finding: ClassVar[str] = (
        "One pretrained Transformer, tuned with hardly a new part for each task, was better than anything known "
        "before on 9 of 12 language tasks, by 8.9 points on the Story Cloze Test."
    )
    order: ClassVar[int] = 30
    taught: ClassVar[bool] = True

    l2_sp: float = knob(0.0, "pull towards the start: half this times the squared distance is added", low=0.0)
    mixout: float = knob(0.0, "share of the numbers that a step takes from the base", low=0.0, high=0.95)
    smart: float = knob(0.0, "weight of how far answers move when the input's embeddings do (SMART)", low=0.0)
    r_drop: float = knob(0.0, "weight of how far two answers under dropout differ (R-Drop)", low=0.0)

    @property
    def is_regularised(self) -> bool:
        """Whether any of its knobs is turned."""
        return any((self.l2_sp, self.mixout, self.smart, self.r_drop))

    def default_learning_rate(self, card: ModelCard) -> float:
        """The pocket model's rate, lower in wider models (`rates.narrowed`)."""
        return narrowed(LEARNING_RATE, card, encoder_decoder=3e-3)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """Every piece is trained."""
        if self.r_drop and not drops_out(card):
            allowed = f"0 for {card.name}, which has no dropout"
            raise SpecError("full:r_drop", self.r_drop, allowed, "GPT-2 and OPT have some.")
        return Anatomy(thaw(card.pieces, {piece.name for piece in card.pieces}))

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Clone every weight; the base's own stay behind for `without`."""
        start = dict(model.named_parameters())
        movable, places = release(model, start)
        tuned = Tuned(model, movable, partial(base_in_place, places))
        if self.is_regularised:
            own = {name: weight.detach() for name, weight in start.items()}
            tuned.regular = Regular(self.l2_sp, self.mixout, self.smart, self.r_drop, start=own)
        return tuned
