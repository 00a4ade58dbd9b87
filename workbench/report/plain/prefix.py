"""Prefix tuning with PEFT."""

from typing import Any

from workbench.card import ModelCard
from workbench.report.plain.contract import Plain, help_of, peft_code


class PlainPrefix(Plain):
    """PEFT's PrefixTuningConfig."""

    name = "prefix"

    def code(self, method: Any, card: ModelCard) -> str:
        """Spell the config out and wrap the base."""
        return peft_code(
            "PrefixTuningConfig",
            [
                ("num_virtual_tokens", method.virtual_tokens, help_of(method, "virtual_tokens")),
                ("token_dim", card.key_value_width, "width of all keys of a layer"),
                ("num_layers", card.writing_depth, "those that write"),
                ("num_attention_heads", card.key_value_heads, ""),
                ("prefix_projection", method.reparameterize, help_of(method, "reparameterize")),
                ("encoder_hidden_size", method.encoder_width or card.width, "width of that network"),
            ],
            card,
        )
