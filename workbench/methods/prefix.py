"""Prefix tuning: learned keys and values in every layer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, Piece, frozen
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.methods.peft_models import TASKS
from workbench.methods.rates import borne, narrowed
from workbench.methods.soft_prompts import check_prefix, learn_prompt, unread

if TYPE_CHECKING:
    import torch
    from peft import PrefixTuningConfig
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-3  # with the MLP
DIRECT_LEARNING_RATE = 1e-1  # without it


@dataclass(frozen=True)
class PrefixTuning(Method):
    """Every attention layer finds some learned keys and values before those of the text.

    Formula: attention over [P_k; K], [P_v; V] in every layer; P = MLP(E) in training, kept as P afterwards.
    Paper: Li and Liang 2021, arXiv:2101.00190.
    """

    name: ClassVar[str] = "prefix"
    title: ClassVar[str] = "Prefix tuning"
    plain: ClassVar[str] = "Every layer may look back at a few learned memories before the text."
    idea: ClassVar[str] = (
        "Attention in each layer finds some learned keys and values before the text's own, as if a text stood there "
        "that no words can say. A small network makes them during training, which steadies it, and is dropped after."
    )
    formula: ClassVar[str] = "attention over [P_k; K] and [P_v; V]; P = MLP(E) in training, only E and MLP move"
    paper: ClassVar[str] = "Li and Liang 2021, arXiv:2101.00190"
    when: ClassVar[str] = (
        "Use it to make a large model write text of one kind while its weights stay untouched. Expect little of it in "
        "a small model and a short training."
    )
    finding: ClassVar[str] = (
        "GPT-2 described tables as well as with full fine-tuning, from a prefix of only 0.1 % as many numbers; BART "
        "summarised somewhat worse. With few examples and on topics not seen in training the prefix was better."
    )
    order: ClassVar[int] = 90
    taught: ClassVar[bool] = True
    peft_config: ClassVar[str] = "PrefixTuningConfig"
    starts_at_base: ClassVar[bool] = False

    virtual_tokens: int = knob(10, "how many learned keys and values stand before the text", low=1, high=2048)
    reparameterize: bool = knob(True, "let a small network make them in training; it is dropped afterwards")
    encoder_width: int = knob(0, "width of that network; 0 takes the model's", low=0, high=65_536)

    def default_learning_rate(self, card: ModelCard) -> float:
        """With the MLP lower in wider models; bare keys and values take the same large steps at every width."""
        if not self.reparameterize:
            return borne(DIRECT_LEARNING_RATE, card)
        return narrowed(LEARNING_RATE, card, encoder=1e-3, encoder_decoder=1e-2)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen; keys and values for every layer that writes, or the network that makes them."""
        check_prefix(self.virtual_tokens, card, self.name)
        kept = self.virtual_tokens * 2 * card.writing_depth * card.key_value_width
        learned = self._network(card) if self.reparameterize else [self._table(card)]
        dropped = ("The network is dropped after training; its output is kept.",) if self.reparameterize else ()
        notes = (*dropped, *unread(card))
        return Anatomy((*frozen(card.pieces), *learned), kept, notes, extra_cache_tokens=self.virtual_tokens)

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model with PEFT's prefix tuning."""
        self.anatomy(card)  # what does not fit is refused before PEFT meets it
        return learn_prompt(model, self.config(card), card, generator)

    def config(self, card: ModelCard) -> "PrefixTuningConfig":
        """The settings of PEFT's prefix tuning."""
        from peft import PrefixTuningConfig

        return PrefixTuningConfig(
            task_type=TASKS[card.kind],
            num_virtual_tokens=self.virtual_tokens,
            token_dim=card.key_value_width,
            num_layers=card.writing_depth,
            num_transformer_submodules=2 if card.kind == "encoder_decoder" else 1,  # PEFT's word for both sides
            num_attention_heads=card.key_value_heads,
            prefix_projection=self.reparameterize,
            encoder_hidden_size=self._inner(card),
        )

    def _inner(self, card: ModelCard) -> int:
        return self.encoder_width or card.width

    def _table(self, card: ModelCard) -> Piece:
        shape = (self.virtual_tokens, 2 * card.writing_depth * card.key_value_width)
        formula = "virtual tokens * 2 * layers * key-value width"
        return Piece("prompt_encoder.embedding.weight", shape, "prefix", None, "added", formula)

    def _network(self, card: ModelCard) -> list[Piece]:
        narrow, inner = card.key_value_width, self._inner(card)
        wide = 2 * card.writing_depth * narrow
        shapes = {
            "embedding.weight": (self.virtual_tokens, narrow),
            "transform.0.weight": (inner, narrow),
            "transform.0.bias": (inner,),
            "transform.2.weight": (wide, inner),
            "transform.2.bias": (wide,),
        }
        return [
            Piece(f"prompt_encoder.{name}", shape, "prefix", None, "reparameterised") for name, shape in shapes.items()
        ]
