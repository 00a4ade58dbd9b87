"""Multitask prompt tuning: one prompt for all tasks, times a small matrix for each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.anatomy import Anatomy, Piece, frozen
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.methods.peft_models import ADAPTER
from workbench.methods.rates import borne
from workbench.methods.soft_prompts import (
    check_room,
    common_words,
    embedded,
    learn_prompt,
    settings,
    token_width,
    unread,
)

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-1


@dataclass(frozen=True)
class MultitaskPrompt(Method):
    """Every task has the same vectors before its texts, each number of them times one of a small matrix of its own.

    Formula: y = f([P * (u_k v_k^T); E(x)]), P shared by all tasks, u_k (virtual tokens, rank) and v_k (width, rank)
    of task k. A run learns one task, so k is always the same.
    Paper: Wang et al. 2023, arXiv:2303.02861.
    """

    name: ClassVar[str] = "multitask_prompt"
    title: ClassVar[str] = "Multitask prompt tuning"
    plain: ClassVar[str] = "Made-up words that all tasks share are put before every text, scaled for each task."
    idea: ClassVar[str] = (
        "What tasks have in common stands in one prompt, and what is special about a task in two short factors that "
        "scale its rows and columns. A run here learns one task, so of this there remains prompt tuning whose vectors "
        "are learned as a product."
    )
    formula: ClassVar[str] = "y = f([P * (u v^T); E(x)]), P, u and v move; the product * number by number"
    paper: ClassVar[str] = "Wang et al. 2023, arXiv:2303.02861"
    when: ClassVar[str] = (
        "Use it to carry a prompt that several tasks made over to the next one, for which the factors alone are kept. "
        "For one task alone expect what prompt tuning gives."
    )
    finding: ClassVar[str] = (
        "With a prompt distilled from several source tasks, T5 did better on 23 datasets than with prompts learned "
        "before it, in some cases better than fully fine-tuned. Only 0.035 % as many numbers were tuned for a task."
    )
    order: ClassVar[int] = 102
    peft_config: ClassVar[str] = "MultitaskPromptTuningConfig"
    starts_at_base: ClassVar[bool] = False

    virtual_tokens: int = knob(20, "how many vectors stand before the text", low=1, high=2048)
    rank: int = knob(1, "columns of the task's factors; the paper has one", low=1, high=64)

    def default_learning_rate(self, card: ModelCard) -> float:
        """That of prompt tuning, which it is for one task; the same at every width."""
        return borne(LEARNING_RATE, card, encoder_decoder=1.0)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen; the shared prompt, and both factors of the one task."""
        check_room(self.virtual_tokens, card, "multitask_prompt:virtual_tokens")
        width = token_width(card)
        shapes = {
            "prefix_task_cols": ((1, self.virtual_tokens, self.rank), "virtual tokens * rank"),
            "prefix_task_rows": ((1, self.rank, width), "rank * width"),
            "embedding.weight": ((self.virtual_tokens, width), "virtual tokens * width"),
        }
        learned = [
            Piece(f"prompt_encoder.{name}", shape, "soft_prompt", None, "added", formula)
            for name, (shape, formula) in shapes.items()
        ]
        notes = ("A run learns one task, so nothing is shared here.", *unread(card))
        return Anatomy((*frozen(card.pieces), *learned), notes=notes, virtual_tokens=self.virtual_tokens)

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model with PEFT's multitask prompt, which starts as common words."""
        from peft import MultitaskPromptTuningConfig

        from workbench.methods.tuners.one_task import install

        check_room(self.virtual_tokens, card, "multitask_prompt:virtual_tokens")
        install()
        embedding: Any = model.get_input_embeddings()
        start = embedded(common_words(self.virtual_tokens, tokenizer, embedding.weight, generator), model)
        config = MultitaskPromptTuningConfig(num_ranks=self.rank, num_tasks=1, **settings(self.virtual_tokens, card))
        tuned = learn_prompt(model, config, card, generator)
        encoders: Any = tuned.model.prompt_encoder
        _start(encoders[ADAPTER], start)
        return tuned


def _start(encoder: Any, words: "torch.Tensor") -> None:
    """Let the prompt be the words: the factors' first columns are one, and of the others one factor is zero.

    PEFT draws both factors with a standard deviation of 0.02, of whose product a prompt of 0.0004 times the words
    would be left.
    """
    import torch

    with torch.no_grad():
        encoder.embedding.weight.copy_(words)
        encoder.prefix_task_cols[:, :, 0] = 1.0
        encoder.prefix_task_rows.zero_()
        encoder.prefix_task_rows[:, 0] = 1.0
