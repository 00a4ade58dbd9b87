"""LOMO: full fine-tuning whose gradients are never kept."""

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

LEARNING_RATE = 3e-1


@dataclass(frozen=True)
class LOMO(Method):
    """Every weight steps against its gradient as soon as it is known, and the gradient is dropped at once.

    Formula: W <- W - rate * dL/dW during the backward pass, for one W after the other.
    Paper: Lv et al. 2023, arXiv:2306.09782.
    """

    name: ClassVar[str] = "lomo"
    title: ClassVar[str] = "LOMO"
    plain: ClassVar[str] = "Every weight may move, each as soon as its gradient is there; nothing is kept for later."
    idea: ClassVar[str] = (
        "Gradient descent needs no memory of earlier steps, so a weight can move during the backward pass already. "
        "Neither all gradients nor Adam's two means ever stand in memory."
    )
    formula: ClassVar[str] = "W <- W - rate * dL/dW, for one W after the other, during the backward pass"
    paper: ClassVar[str] = "Lv et al. 2023, arXiv:2306.09782"
    when: ClassVar[str] = (
        "Use it to tune all weights of a model that barely fits. It steps without Adam, so look for a good rate first."
    )
    finding: ClassVar[str] = (
        "It tuned all 65 billion parameters of a model on one machine with eight GPUs of 24 GB each. Memory fell to "
        "10.8 % of what DeepSpeed's usual solution takes."
    )
    order: ClassVar[int] = 36

    def default_learning_rate(self, card: ModelCard) -> float:
        """Gradient descent's own: a step is as long as the gradient, not as Adam's rate."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """Every piece moves; the gradients never stand in memory together."""
        return replace(FullFineTuning().anatomy(card), learns_by="lomo")

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """As full fine-tuning: clones of every weight."""
        return FullFineTuning().apply(model, card, tokenizer, generator)
