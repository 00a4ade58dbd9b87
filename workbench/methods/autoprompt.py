"""AutoPrompt: real words before the input, found by trying."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import workbench.methods.soft_prompts as soft
from workbench.anatomy import Anatomy, Piece, frozen
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.methods.peft_models import ADAPTER

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

TRIGGER = "trigger"  # the name of the token numbers among what a run remembers


@dataclass(frozen=True)
class AutoPrompt(Method):
    """Some words stand before every text, and each step exchanges one of them for a better one.

    Formula: y = f([E(t); E(x)]); one token t_i becomes the w of the lowest loss among the k with the smallest
    E(w) . dL/dE(t_i), or stays.
    Paper: Shin et al. 2020, arXiv:2010.15980.
    """

    name: ClassVar[str] = "autoprompt"
    title: ClassVar[str] = "AutoPrompt"
    plain: ClassVar[str] = (
        "Real words are put before every text, and one after the other is exchanged for a better one."
    )
    idea: ClassVar[str] = (
        "The gradient at a word's vector tells which other words would probably lower the loss, and a few of them are "
        "tried. No weight and no vector moves, only words are chosen, so what was learned can be read and typed, "
        "though it seldom makes sense."
    )
    formula: ClassVar[str] = (
        "y = f([E(t); E(x)]); t_i <- the w of lowest loss among the k with the smallest E(w) . dL/dE(t_i)"
    )
    paper: ClassVar[str] = "Shin et al. 2020, arXiv:2010.15980"
    when: ClassVar[str] = (
        "Use it to see what a model knows already, or where nothing but text can be handed over. It learns less than "
        "vectors do, and a step takes several times as long."
    )
    finding: ClassVar[str] = (
        "BERT and RoBERTa judged feelings and whether one sentence follows from another without any change of weights, "
        "sometimes as well as supervised models. The words found drew more facts from them than people's prompts did."
    )
    order: ClassVar[int] = 106
    peft_config: ClassVar[str] = "PromptTuningConfig"
    starts_at_base: ClassVar[bool] = False

    tokens: int = knob(10, "how many words (tokens) stand before the text", low=1, high=2048)
    candidates: int = knob(10, "how many words are tried in a step, for one place", low=1, high=1000)

    @property
    def work(self) -> float:
        """There and back once, and forward alone for each candidate and the present word."""
        return (3.0 + self.candidates) / 2

    def default_learning_rate(self, card: ModelCard) -> float:
        """Of no meaning: a word is exchanged or not, at any rate."""
        return 1.0

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen; the vectors of the words, which are always rows of the base's own table."""
        soft.check_room(self.tokens, card, "autoprompt:tokens")
        shape = (self.tokens, soft.token_width(card))
        trigger = Piece("prompt_encoder.embedding.weight", shape, "soft_prompt", None, "added", "tokens * width")
        notes = ("The vectors are those of words: as many token numbers as there are words say it all.",)
        return Anatomy(
            (*frozen(card.pieces), trigger),
            notes=(*notes, *soft.unread(card)),
            virtual_tokens=self.tokens,
            learns_by="search",
        )

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model with PEFT's prompt tuning, whose vectors are those of common words to begin with."""
        import torch
        from peft import PromptTuningConfig

        soft.check_room(self.tokens, card, "autoprompt:tokens")
        table: Any = model.get_input_embeddings()
        words = soft.common_words(self.tokens, tokenizer, table.weight, generator)
        start = soft.embedded(words, model)  # (tokens, width)
        tuned = soft.learn_prompt(model, PromptTuningConfig(**soft.settings(self.tokens, card)), card, generator)
        encoders: Any = tuned.model.prompt_encoder
        with torch.no_grad():
            encoders[ADAPTER].embedding.weight.copy_(start)
        tuned.memory[TRIGGER] = torch.tensor(words)
        return tuned
