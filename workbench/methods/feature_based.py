"""Feature-based transfer: a new output matrix on the frozen model's final hidden states."""

from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.anatomy import Anatomy, Piece, frozen
from workbench.card import ModelCard
from workbench.methods.contract import Method, Tuned
from workbench.methods.rates import narrowed
from workbench.methods.weights import Place, base_in_place, freeze

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-2


@dataclass(frozen=True)
class FeatureBased(Method):
    """The base only computes features, and a new output matrix on them is all that learns.

    Formula: p(next) = softmax(H h), h the frozen base's final hidden state, H moves and starts as the base's.
    Paper: Peters et al. 2018, arXiv:1802.05365.
    """

    name: ClassVar[str] = "feature_based"
    title: ClassVar[str] = "Feature-based"
    plain: ClassVar[str] = "The model stays as it is; only the matrix that turns its last thoughts into words is new."
    idea: ClassVar[str] = (
        "The pretrained model serves as a fixed machine for features, and only a new output matrix on top is trained. "
        "Features of a text never change, so they could be computed once; what they lack, no output can add."
    )
    formula: ClassVar[str] = "p(next) = softmax(H h), only H moves"
    paper: ClassVar[str] = "Peters et al. 2018, arXiv:1802.05365; compared in Peters et al. 2019, arXiv:1903.05987"
    when: ClassVar[str] = (
        "Use it when many tasks read the same texts, or when the model must not change at all. Choose another way "
        "when the task needs something that the frozen model does not notice."
    )
    finding: ClassVar[str] = (
        "ELMo's features, added to good models of six language tasks, took away 6 to 20 % of their errors. The "
        "comparison of 2019: which does better, features or fine-tuning, depends on how alike pretraining and task are."
    )
    order: ClassVar[int] = 40
    taught: ClassVar[bool] = True

    def default_learning_rate(self, card: ModelCard) -> float:
        """A single linear layer bears a high rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The output head is trained; where it was tied to the embedding, it is a matrix of its own.

        Where a classification head takes its place, that one is all that learns (a linear probe: Alain and Bengio 2016,
        arXiv:1610.01644).
        """
        if card.labels:
            return Anatomy(frozen(card.pieces))
        heads = card.weights("output_head")
        if heads:
            return Anatomy(tuple(replace(p, state="trained") if p in heads else p for p in frozen(card.pieces)))
        shape = (card.vocabulary, card.embedding_width or card.width)
        head = Piece(f"{card.head}.weight", shape, "output_head", state="added", formula="vocabulary * width")
        return Anatomy((*frozen(card.pieces), head))

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Put a copy of the output head where the head was; the embedding keeps the base's numbers."""
        from torch import nn

        freeze(model)
        if card.labels:
            return Tuned(model, {}, nullcontext)
        base: Any = model
        head = base.get_output_embeddings()
        place = Place(head, "weight", head.weight)
        head.weight = nn.Parameter(head.weight.detach().clone())  # (vocabulary, width)
        name = next(name for name, module in model.named_modules() if module is head)
        return Tuned(model, {f"{name}.weight": head.weight}, partial(base_in_place, [place]))
