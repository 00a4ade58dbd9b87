"""Full fine-tuning: every weight moves."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, thaw
from workbench.card import ModelCard
from workbench.methods.contract import Method, Tuned
from workbench.methods.rates import narrowed
from workbench.methods.weights import base_in_place, release

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-3


@dataclass(frozen=True)
class FullFineTuning(Method):
    """Training simply goes on with the new task's text, and every weight may move.

    Formula: W <- W - rate * Adam(dL/dW) for every W.
    Paper: Radford et al. 2018, Improving Language Understanding by Generative Pre-Training.
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

    def default_learning_rate(self, card: ModelCard) -> float:
        """The pocket model's rate, lower in wider models (`rates.narrowed`)."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """Every piece is trained."""
        return Anatomy(thaw(card.pieces, {piece.name for piece in card.pieces}))

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Clone every weight; the base's own stay behind for `without`."""
        movable, places = release(model, [name for name, _ in model.named_parameters()])
        return Tuned(model, movable, partial(base_in_place, places))
