"""Predict the next token of the target."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.objectives.contract import Objective

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class LanguageModelling(Objective):
    """Cross-entropy of every target token given all tokens before it; prompts are read, not learned."""

    name: ClassVar[str] = "language_modelling"
    title: ClassVar[str] = "Next-token prediction"
    plain: ClassVar[str] = "The model answers in words, as it was pretrained to; nothing new is needed."
    idea: ClassVar[str] = (
        "The model guesses each token of the target from everything before it. "
        "The loss is how surprised it is, in nats per token."
    )
    formula: ClassVar[str] = "loss = -mean log p(token_t | tokens before t)"
    paper: ClassVar[str] = "Bengio et al. 2003, A Neural Probabilistic Language Model"

    def loss(self, logits: "torch.Tensor", labels: "torch.Tensor") -> "torch.Tensor":
        """Summed cross-entropy in nats; logits (targets, vocab), labels (targets,)."""
        from torch.nn.functional import cross_entropy

        exact = logits.float() if logits.element_size() < 4 else logits  # half precision is too coarse for a sum
        return cross_entropy(exact, labels, reduction="sum")
