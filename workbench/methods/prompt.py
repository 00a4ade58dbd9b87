"""Prompt tuning: learned vectors in front of the input."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.anatomy import Anatomy, Piece, frozen
from workbench.card import ModelCard
from workbench.errors import SpecError
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
class PromptTuning(Method):
    """A few vectors that stand for no word are put before every text, and they alone learn.

    Formula: y = f([P; E(x)]), where P (virtual tokens, width) moves.
    Paper: Lester et al. 2021, arXiv:2104.08691.
    """

    name: ClassVar[str] = "prompt"
    title: ClassVar[str] = "Prompt tuning"
    plain: ClassVar[str] = "A few made-up words are put before every text; only their vectors learn."
    idea: ClassVar[str] = (
        "Instead of looking for the words that make a frozen model do a task, learn vectors in their place. "
        "The model itself is untouched, so one copy of it serves many tasks; small models profit least."
    )
    formula: ClassVar[str] = "y = f([P; E(x)]), only P moves"
    paper: ClassVar[str] = "Lester et al. 2021, arXiv:2104.08691"
    when: ClassVar[str] = (
        "Use it with models of billions of parameters that serve many tasks: a task is then a few vectors. With a "
        "small model LoRA and adapters learn much more."
    )
    finding: ClassVar[str] = (
        "The larger the model (T5), the smaller was the distance to tuning all of it, and beyond billions of "
        "parameters it was gone. Texts from another field than the training's harmed a learned prompt less than a "
        "tuned model."
    )
    order: ClassVar[int] = 100
    taught: ClassVar[bool] = True
    peft_config: ClassVar[str] = "PromptTuningConfig"
    starts_at_base: ClassVar[bool] = False

    virtual_tokens: int = knob(20, "how many vectors stand before the text", low=1, high=2048)
    start: str = knob(
        "vocabulary",
        "vectors to start from: random ones, those of random common words, or those of a text",
        choices=("random", "vocabulary", "text"),
    )
    text: str = knob("Do the task as shown in the examples.", "the words to start from, with start=text")

    def default_learning_rate(self, card: ModelCard) -> float:
        """The same at every width: the paper uses 0.3 from small to XXL."""
        return borne(LEARNING_RATE, card, encoder_decoder=1.0)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen, and one vector for each virtual token."""
        check_room(self.virtual_tokens, card, "prompt:virtual_tokens")
        shape = (self.virtual_tokens, token_width(card))
        prompt = Piece("prompt_encoder.embedding.weight", shape, "soft_prompt", None, "added", "virtual tokens * width")
        return Anatomy((*frozen(card.pieces), prompt), notes=unread(card), virtual_tokens=self.virtual_tokens)

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model with PEFT's prompt tuning and set the start."""
        import torch
        from peft import PromptTuningConfig

        check_room(self.virtual_tokens, card, "prompt:virtual_tokens")
        start = self._start(model, tokenizer, generator)  # (virtual tokens, width)
        config = PromptTuningConfig(**settings(self.virtual_tokens, card))
        tuned = learn_prompt(model, config, card, generator)
        encoders: Any = tuned.model.prompt_encoder
        with torch.no_grad():
            encoders[ADAPTER].embedding.weight.copy_(start)
        return tuned

    def _start(
        self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", generator: "torch.Generator"
    ) -> "torch.Tensor":
        """Vectors to start from, (virtual tokens, width)."""
        import torch

        embedding: Any = model.get_input_embeddings()
        table: torch.Tensor = embedding.weight.detach()
        if self.start == "random":
            # As spread out as the words are; unit variance would drown the narrow embeddings of small models.
            noise = torch.randn(self.virtual_tokens, table.shape[1], generator=generator)
            return noise.to(table.device) * table.float().std()
        if self.start == "text":
            return embedded(self._words(tokenizer), model)
        return embedded(common_words(self.virtual_tokens, tokenizer, table, generator), model)

    def _words(self, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
        """Tokens of the text, repeated or cut to as many as there are virtual tokens."""
        ids = tokenizer.encode(self.text, add_special_tokens=False)
        if not ids:
            raise SpecError("prompt:text", self.text, "a text of at least one token")
        return [ids[position % len(ids)] for position in range(self.virtual_tokens)]
