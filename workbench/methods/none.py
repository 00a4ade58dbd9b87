"""No tuning at all: the base model as it is, with or without examples in its prompt."""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, frozen
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.methods.weights import freeze

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True)
class NoTuning(Method):
    """The base answers without any training; what the others have to beat.

    Formula: y = f(x), or y = f(x1 y1 ... xn yn x) with n examples before the question.
    Paper: Brown et al. 2020, arXiv:2005.14165.
    """

    name: ClassVar[str] = "none"
    title: ClassVar[str] = "No tuning"
    plain: ClassVar[str] = "The base model as it is: nothing is learned, examples may stand in the prompt."
    idea: ClassVar[str] = (
        "A pretrained model can sometimes do a task it was never tuned on, most of all when a few worked "
        "examples stand before the question. What tuning is worth is the distance to this."
    )
    formula: ClassVar[str] = "y = f(x1 y1 ... xn yn x)"
    paper: ClassVar[str] = "Brown et al. 2020, arXiv:2005.14165"
    when: ClassVar[str] = (
        "Race it first, always: it shows what the model can do already. Keep it when it is good enough, or when you "
        "have a handful of examples and no time to train."
    )
    finding: ClassVar[str] = (
        "GPT-3 (175 billion parameters) was not tuned, and answered 64.3 % of TriviaQA's questions with no example in "
        "the prompt, 68.0 % with one and 71.2 % with several."
    )
    order: ClassVar[int] = 10
    taught: ClassVar[bool] = True
    trains: ClassVar[bool] = False

    examples: int = knob(0, "worked examples put before every question", low=0, high=64)

    @property
    def shots(self) -> int:
        """How many worked examples stand in the prompt."""
        return self.examples

    def default_learning_rate(self, card: ModelCard) -> float:
        """Nothing is learned."""
        return 0.0

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base's own pieces, all frozen."""
        return Anatomy(frozen(card.pieces))

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """The model itself, frozen."""
        freeze(model)
        return Tuned(model, {}, nullcontext)
