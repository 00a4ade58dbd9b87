"""LoRA with PEFT."""

from typing import Any

from workbench.card import ModelCard
from workbench.methods.targets import target_roles
from workbench.report.plain.contract import Plain, endings, help_of, peft_code


class PlainLoRA(Plain):
    """PEFT's LoraConfig."""

    name = "lora"

    def code(self, method: Any, card: ModelCard) -> str:
        """Spell the config out and wrap the base."""
        options: list[tuple[str, object, str]] = [
            ("fan_in_fan_out", card.transposed, "the model stores its matrices as (inputs, outputs)"),
            ("use_rslora", method.rank_stabilised, help_of(method, "rank_stabilised")),
            ("use_dora", method.dora, help_of(method, "dora")),
            ("init_lora_weights", "pissa" if method.pissa else "", help_of(method, "pissa")),
        ]
        targets = endings(card.modules(*target_roles(method.targets, card, "lora:targets")))
        return peft_code(
            "LoraConfig",
            [
                ("r", method.rank, help_of(method, "rank")),
                ("lora_alpha", method.alpha, help_of(method, "alpha")),
                ("lora_dropout", method.dropout, help_of(method, "dropout")),
                ("target_modules", targets, ""),
                *(option for option in options if option[1]),
            ],
        )
