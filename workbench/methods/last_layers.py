"""Tune the top blocks alone."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, thaw
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.methods.rates import narrowed
from workbench.methods.weights import base_in_place, release

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-2


@dataclass(frozen=True)
class LastLayers(Method):
    """The lower blocks stay as they are, and the top ones move.

    Formula: W <- W - rate * Adam(dL/dW) for every W in the top k blocks.
    Paper: Yosinski et al. 2014, arXiv:1411.1792.
    """

    name: ClassVar[str] = "last_layers"
    title: ClassVar[str] = "Last layers"
    plain: ClassVar[str] = "Only the top blocks move; everything below them stays as it was."
    idea: ClassVar[str] = (
        "Lower blocks find features that serve many tasks, upper blocks turn them into answers. "
        "So the top blocks alone are tuned, and training need not reach below them."
    )
    formula: ClassVar[str] = "W <- W - rate * Adam(dL/dW), for every W in the top k blocks"
    paper: ClassVar[str] = "Yosinski et al. 2014, arXiv:1411.1792"
    when: ClassVar[str] = (
        "Use it when the task is close to what the model has read, and memory is short. Move more blocks when the "
        "task is further away."
    )
    finding: ClassVar[str] = (
        "In networks for photos the first layer served many tasks, and higher layers were more and more bound to their "
        "own. Even features from a distant task could be better than random ones."
    )
    order: ClassVar[int] = 50
    taught: ClassVar[bool] = True

    blocks: int = knob(2, "how many blocks move, counted from the output", low=1, high=1024)

    def default_learning_rate(self, card: ModelCard) -> float:
        """The pocket model's rate, lower in wider models (`rates.narrowed`)."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The parameters of the top blocks are trained."""
        return Anatomy(thaw(card.pieces, self._names(card)))

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Clone the top blocks' weights; all others stay shared."""
        movable, places = release(model, self._names(card))
        return Tuned(model, movable, partial(base_in_place, places))

    def _names(self, card: ModelCard) -> set[str]:
        if self.blocks > card.depth:
            raise SpecError("last_layers:blocks", self.blocks, f"1 to {card.depth}, the blocks that {card.name} has")
        return card.blocks(range(card.depth - self.blocks, card.depth))
