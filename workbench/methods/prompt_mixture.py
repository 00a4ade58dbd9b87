"""A mixture of soft prompts: several are learned, and their answers are weighted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.anatomy import Anatomy, Piece, frozen
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.methods.rates import borne
from workbench.methods.soft_prompts import check_room, common_words, embedded, token_width, unread
from workbench.methods.weights import freeze, seeded

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 3e-1


@dataclass(frozen=True)
class PromptMixture(Method):
    """The model answers under each of several learned prompts, and the answers are averaged with learned shares.

    Formula: p(y|x) = sum_k softmax(w)_k p(y | [P_k; E(x)]), all P_k (virtual tokens, width) and w (prompts,) move.
    In the paper an answer is one word; here each token of an answer is mixed for itself, given those before it.
    Paper: Qin and Eisner 2021, arXiv:2104.06599.
    """

    name: ClassVar[str] = "prompt_mixture"
    title: ClassVar[str] = "Mixture of soft prompts"
    plain: ClassVar[str] = "The question is asked in several made-up ways, and the answers are weighted."
    idea: ClassVar[str] = (
        "One prompt may do for some texts and another for others, so several are learned from different starts, and "
        "with them how much each counts. Every text is read once under each, which takes as many times as long."
    )
    formula: ClassVar[str] = "p(y|x) = sum_k softmax(w)_k p(y | [P_k; E(x)]), all P_k and w move"
    paper: ClassVar[str] = "Qin and Eisner 2021, arXiv:2104.06599"
    when: ClassVar[str] = (
        "Use it where prompt tuning depends much on its start, and time at answering is no matter. With one prompt it "
        "is prompt tuning."
    )
    finding: ClassVar[str] = (
        "Mixtures drew far more facts from several English models than the prompts known before, so these know more "
        "than was thought. Random starts did nearly as well as informed ones."
    )
    order: ClassVar[int] = 104
    starts_at_base: ClassVar[bool] = False

    prompts: int = knob(3, "how many prompts are mixed", low=1, high=64)
    virtual_tokens: int = knob(20, "how many vectors each prompt has", low=1, high=2048)

    @property
    def work(self) -> float:
        """Each text is read under every prompt."""
        return float(self.prompts)

    def default_learning_rate(self, card: ModelCard) -> float:
        """Three times prompt tuning's, which ended lower on both tasks tried; the same at every width."""
        return borne(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen; all prompts, and a number for each."""
        check_room(self.virtual_tokens, card, "prompt_mixture:virtual_tokens")
        shape = (self.prompts * self.virtual_tokens, token_width(card))
        formula = "prompts * virtual tokens * width"
        learned = (
            Piece("prompt_encoder.weights", (self.prompts,), "soft_prompt", None, "added", "prompts"),
            Piece("prompt_encoder.embedding.weight", shape, "soft_prompt", None, "added", formula),
        )
        return Anatomy(
            (*frozen(card.pieces), *learned),
            notes=unread(card),
            virtual_tokens=self.virtual_tokens,
            passes=self.prompts,
        )

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Put the prompts, which start as common words with equal shares, before the base."""
        import torch

        from workbench.methods.tuners.prompt_mixture import PromptMixtureModel

        check_room(self.virtual_tokens, card, "prompt_mixture:virtual_tokens")
        freeze(model)
        table: Any = model.get_input_embeddings()
        words = common_words(self.prompts * self.virtual_tokens, tokenizer, table.weight, generator)
        with seeded(generator):
            tuned = PromptMixtureModel(model, self.prompts, self.virtual_tokens)
        with torch.no_grad():
            tuned.prompt_encoder.embedding.weight.copy_(embedded(words, model))
        movable = {name: parameter for name, parameter in tuned.named_parameters() if parameter.requires_grad}
        return Tuned(tuned, movable, tuned.reading_under)
