"""Trainable tokens: the vectors of a few words move, and nothing else."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, Piece, frozen
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import module_of
from workbench.methods.contract import Method, Tuned
from workbench.methods.peft_models import TASKS, tuned_by, wrap
from workbench.methods.rates import narrowed
from workbench.methods.soft_prompts import token_width

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-1


@dataclass(frozen=True)
class TrainableTokens(Method):
    """A few rows of the embedding move; where the output shares the embedding, its rows move with them.

    Formula: E(x) <- e_x for the chosen tokens x, only e moves; e starts as the base's rows.
    Paper: Gal et al. 2022 (Textual Inversion), arXiv:2208.01618, for the words of a model that draws; PEFT's method
    has no paper of its own.
    """

    name: ClassVar[str] = "trainable_tokens"
    title: ClassVar[str] = "Trainable tokens"
    plain: ClassVar[str] = "Only the vectors of a few words move: what these words mean to the model is learned anew."
    idea: ClassVar[str] = (
        "A model knows a word by its row in the embedding table, so a new meaning needs a new row and nothing else. "
        "Where the table serves the output too, the same rows also decide how likely these words are written."
    )
    formula: ClassVar[str] = "E[x] = e_x for a few tokens x, only e moves"
    paper: ClassVar[str] = "Gal et al. 2022 (Textual Inversion), arXiv:2208.01618"
    when: ClassVar[str] = (
        "Use it when a task has words or signs of its own, such as the marks of a dialogue, and the rest of the model "
        "is to stay as it is. It cannot teach more than what words mean."
    )
    finding: ClassVar[str] = (
        "From 3 to 5 pictures of a thing, a frozen model that draws learned a new word for it, which could then stand "
        "in any sentence. One vector was enough for many kinds of things."
    )
    order: ClassVar[int] = 132
    peft_config: ClassVar[str] = "TrainableTokensConfig"

    tokens: int = knob(64, "how many tokens move", low=1, high=100_000)
    text: str = knob(
        ". , : ; ? ! ' \" - ( ) [ ] = the a an and of to in on is was has it he she his her what who yes no",
        "which ones: the end of a text and those of this text, then those of the lowest numbers",
    )

    def default_learning_rate(self, card: ModelCard) -> float:
        """A few rows bear a high rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen, and beside the embedding a row for each chosen token."""
        if card.tied and any(piece.role == "output_head" for piece in card.pieces):
            allowed = "a model whose output layer has no bias, or none of the embedding's numbers"
            raise SpecError("the model for trainable_tokens", card.name, allowed, "PEFT's layer loses that bias.")
        if self.tokens > card.vocabulary:
            allowed = f"{card.vocabulary} or fewer, as {card.name} knows no more tokens"
            raise SpecError("trainable_tokens:tokens", self.tokens, allowed)
        name = f"{embedding(card)}.trainable_tokens_delta"
        rows = Piece(name, (self.tokens, token_width(card)), "embedding", None, "added", "tokens * width")
        return Anatomy((*frozen(card.pieces), rows))

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model's embedding with PEFT's layer."""
        from peft import TrainableTokensConfig

        # The module as a pattern: of a list PEFT warns, as if it did not tie the rows to the output, which it does.
        chosen = self._chosen(tokenizer)
        config = TrainableTokensConfig(task_type=TASKS[card.kind], target_modules=embedding(card), token_indices=chosen)
        return tuned_by(wrap(model, config, card, generator))

    def _chosen(self, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
        """The tokens that move; low numbers are common ones in a BPE vocabulary."""
        special = {int(token) for token in tokenizer.all_special_ids}
        ends = [] if tokenizer.eos_token_id is None else [int(tokenizer.eos_token_id)]
        words = tokenizer.encode(self.text, add_special_tokens=False)
        others = [token for token in range(len(tokenizer)) if token not in special]
        chosen = list(dict.fromkeys([*ends, *words, *others]))[: self.tokens]
        if len(chosen) < self.tokens:
            allowed = f"{len(chosen)} or fewer, the tokens of this tokenizer"
            raise SpecError("trainable_tokens:tokens", self.tokens, allowed)
        return chosen


def embedding(card: ModelCard) -> str:
    """The name of the module that holds the embedding."""
    return next(module_of(piece) for piece in card.pieces if piece.role == "embedding")
