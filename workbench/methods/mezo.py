"""MeZO: full fine-tuning by forward passes alone."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy
from workbench.card import ModelCard
from workbench.methods.contract import Method, Tuned
from workbench.methods.full import FullFineTuning
from workbench.methods.rates import narrowed

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-3


@dataclass(frozen=True)
class MeZO(Method):
    """All weights are pushed a little along one random direction and back, and step towards the lower loss.

    Formula: g = (L(W + e z) - L(W - e z)) / 2e, z ~ N(0, 1); W <- W - rate * g * z; e = 0.001.
    Paper: Malladi et al. 2023, arXiv:2305.17333.
    """

    name: ClassVar[str] = "mezo"
    title: ClassVar[str] = "MeZO"
    plain: ClassVar[str] = "Try a random little push both ways and step to the better side; no gradients at all."
    idea: ClassVar[str] = (
        "The loss on either side of the weights tells how steep it is in that direction, without a backward pass. So "
        "tuning takes no more memory than answering, and very many more steps."
    )
    formula: ClassVar[str] = "g = (L(W + e z) - L(W - e z)) / 2e; W <- W - rate * g * z, z random, the same for both"
    paper: ClassVar[str] = "Malladi et al. 2023, arXiv:2305.17333"
    when: ClassVar[str] = (
        "Use it when a model can answer on your machine but not train, and you have thousands of steps to spend. In a "
        "short race it hardly moves."
    )
    finding: ClassVar[str] = (
        "On one GPU of 80 GB it trained a model of 30 billion parameters, where Adam could train 2.7 billion. It used "
        "up to 12 times less memory than fine-tuning and came within 1 % of it on 7 of 11 tasks."
    )
    order: ClassVar[int] = 34

    def default_learning_rate(self, card: ModelCard) -> float:
        """Far below full fine-tuning's: every weight moves at once, in a direction that is mostly noise."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """Every piece moves, but no gradient is ever there."""
        return replace(FullFineTuning().anatomy(card), learns_by="mezo")

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """As full fine-tuning: clones of every weight."""
        return FullFineTuning().apply(model, card, tokenizer, generator)
