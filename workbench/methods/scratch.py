"""The control without transfer: the same architecture from random weights."""

from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, thaw
from workbench.card import ModelCard
from workbench.methods.contract import Method, Tuned
from workbench.methods.rates import narrowed
from workbench.methods.weights import Place, base_in_place, seeded

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-3


@dataclass(frozen=True)
class Scratch(Method):
    """The same architecture starts from random weights; its distance to full fine-tuning is the transfer.

    Formula: W(0) random, then W <- W - rate * Adam(dL/dW).
    Paper: He et al. 2018, arXiv:1811.08883.
    """

    name: ClassVar[str] = "scratch"
    title: ClassVar[str] = "From scratch"
    plain: ClassVar[str] = "Forget the pretraining: the same architecture learns the task from random weights."
    idea: ClassVar[str] = (
        "Nothing is transferred: the model has the base's shape, but its weights are drawn anew. "
        "The gap between this and full fine-tuning is what the pretraining was worth."
    )
    formula: ClassVar[str] = "W(0) random; W <- W - rate * Adam(dL/dW), for every W"
    paper: ClassVar[str] = "He et al. 2018, Rethinking ImageNet Pre-training, arXiv:1811.08883"
    when: ClassVar[str] = (
        "Use it as a control, to see what the pretraining was worth. As a way of its own it needs far more examples "
        "and steps."
    )
    finding: ClassVar[str] = (
        "Detectors of things in photos (COCO) that started at random ended as good as those pretrained on ImageNet, "
        "even with a tenth of the data, once they had trained for longer. Pretraining saved time there, not errors."
    )
    order: ClassVar[int] = 20
    taught: ClassVar[bool] = True
    starts_at_base: ClassVar[bool] = False

    def default_learning_rate(self, card: ModelCard) -> float:
        """Higher than full fine-tuning's, since there is nothing to lose; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """Every piece is trained, from a random start."""
        pieces = thaw(card.pieces, {piece.name for piece in card.pieces})
        return Anatomy(pieces, notes=("Every weight starts from random numbers.",))

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Build a second model from the same config; the base is kept for `without` alone."""
        import torch

        with seeded(generator):
            fresh = type(model)(deepcopy(model.config))
        torch.nn.Module.to(fresh, device=model.device, dtype=model.dtype)
        fresh.train(model.training)
        return Tuned(fresh, dict(fresh.named_parameters()), partial(base_in_place, _places(fresh, model)))


def _places(fresh: "PreTrainedModel", base: "PreTrainedModel") -> list[Place]:
    """Every slot of the fresh model with the base's weight for it."""
    places = []
    for name, weight in base.named_parameters(remove_duplicate=False):
        module, _, slot = name.rpartition(".")
        weight.requires_grad_(False)
        places.append(Place(fresh.get_submodule(module), slot, weight))
    return places
