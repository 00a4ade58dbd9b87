"""P-tuning: a small network writes the virtual tokens."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, Piece, frozen
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.methods.rates import narrowed
from workbench.methods.soft_prompts import check_room, learn_prompt, settings, token_width, unread

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 3e-3
LSTM_LAYERS = 2


@dataclass(frozen=True)
class PTuning(Method):
    """As in prompt tuning vectors stand before the text, but an encoder makes them from learned ones.

    Formula: y = f([P; E(x)]), P = MLP(LSTM(e)) or MLP(e); e and the encoder move, P alone is kept.
    Paper: Liu et al. 2021, arXiv:2103.10385.
    """

    name: ClassVar[str] = "p_tuning"
    title: ClassVar[str] = "P-tuning"
    plain: ClassVar[str] = "A small network writes the made-up words before the text; afterwards they are looked up."
    idea: ClassVar[str] = (
        "Virtual tokens that are trained one by one move hardly together, so a small network makes all of them. "
        "After training its output is written into a table, and the network is not needed any more."
    )
    formula: ClassVar[str] = "y = f([P; E(x)]), P = encoder(e), only e and the encoder move"
    paper: ClassVar[str] = "Liu et al. 2021, GPT Understands, Too, arXiv:2103.10385"
    when: ClassVar[str] = (
        "Use it where prompt tuning would do, but vectors that learn one by one do not settle. Its small network "
        "costs memory in training, and nothing afterwards."
    )
    finding: ClassVar[str] = (
        "GPTs with learned prompts, their weights tuned as well, were as good at understanding tasks as BERTs of their "
        "size. On LAMA, with frozen weights, the best GPT recalled 64 % of the facts, over 20 points more than known "
        "before (the paper's first version)."
    )
    order: ClassVar[int] = 110
    taught: ClassVar[bool] = True
    peft_config: ClassVar[str] = "PromptEncoderConfig"
    starts_at_base: ClassVar[bool] = False

    virtual_tokens: int = knob(20, "how many vectors stand before the text", low=1, high=2048)
    encoder: str = knob("mlp", "network that makes them: three layers, or a two-way LSTM", choices=("mlp", "lstm"))
    encoder_width: int = knob(0, "width of that network; 0 takes the model's", low=0, high=65_536)

    def default_learning_rate(self, card: ModelCard) -> float:
        """That of a small network trained from chance; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen; the encoder and its inputs are replaced by their output after training."""
        check_room(self.virtual_tokens, card, "p_tuning:virtual_tokens")
        shapes = {"embedding.weight": (self.virtual_tokens, token_width(card)), **self._encoder_shapes(card)}
        learned = [
            Piece(f"prompt_encoder.{name}", shape, "soft_prompt", None, "reparameterised")
            for name, shape in shapes.items()
        ]
        return Anatomy(
            (*frozen(card.pieces), *learned),
            kept=self.virtual_tokens * token_width(card),
            notes=("The encoder is dropped after training; its output is kept.", *unread(card)),
            virtual_tokens=self.virtual_tokens,
        )

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model with PEFT's prompt encoder."""
        from peft import PromptEncoderConfig

        check_room(self.virtual_tokens, card, "p_tuning:virtual_tokens")
        config = PromptEncoderConfig(
            **settings(self.virtual_tokens, card),
            encoder_reparameterization_type=self.encoder.upper(),
            encoder_hidden_size=self._inner(card),
            encoder_num_layers=LSTM_LAYERS,
        )
        return learn_prompt(model, config, card, generator)

    def _inner(self, card: ModelCard) -> int:
        return self.encoder_width or token_width(card)

    def _encoder_shapes(self, card: ModelCard) -> dict[str, tuple[int, ...]]:
        """Parameters of PEFT's PromptEncoder by name."""
        width, inner = token_width(card), self._inner(card)
        if self.encoder == "mlp":
            return _linear(0, width, inner) | _linear(2, inner, inner) | _linear(4, inner, width)
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in range(LSTM_LAYERS):
            for way in ("", "_reverse"):
                # torch.nn.LSTM stacks its four gates; a layer above the first reads both ways of the one below.
                shapes[f"lstm_head.weight_ih_l{layer}{way}"] = (4 * inner, 2 * inner if layer else width)
                shapes[f"lstm_head.weight_hh_l{layer}{way}"] = (4 * inner, inner)
                shapes[f"lstm_head.bias_ih_l{layer}{way}"] = (4 * inner,)
                shapes[f"lstm_head.bias_hh_l{layer}{way}"] = (4 * inner,)
        return shapes | _linear(0, 2 * inner, 2 * inner) | _linear(2, 2 * inner, width)


def _linear(number: int, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    return {f"mlp_head.{number}.weight": (outputs, inputs), f"mlp_head.{number}.bias": (outputs,)}
