"""P-tuning with PEFT."""

from typing import Any

from workbench.card import ModelCard
from workbench.methods.p_tuning import LSTM_LAYERS
from workbench.methods.soft_prompts import token_width
from workbench.report.plain.contract import Plain, help_of, one_side, peft_code


class PlainPTuning(Plain):
    """PEFT's PromptEncoderConfig."""

    name = "p_tuning"
    adds_positions = True

    def code(self, method: Any, card: ModelCard) -> str:
        """Spell the config out and wrap the base."""
        return peft_code(
            "PromptEncoderConfig",
            [
                ("num_virtual_tokens", method.virtual_tokens, help_of(method, "virtual_tokens")),
                ("token_dim", token_width(card), "width of an embedding"),
                ("num_layers", card.depth, ""),
                *one_side(card),
                ("num_attention_heads", card.heads, ""),
                ("encoder_reparameterization_type", method.encoder.upper(), help_of(method, "encoder")),
                ("encoder_hidden_size", method.encoder_width or token_width(card), "width of that network"),
                ("encoder_num_layers", LSTM_LAYERS, "of an LSTM"),
            ],
            card,
        )
