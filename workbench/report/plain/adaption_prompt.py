"""LLaMA-Adapter with PEFT."""

from typing import Any

from workbench.card import ModelCard
from workbench.methods.adaption_prompt import ATTENTION
from workbench.report.plain.contract import Plain, help_of, peft_code

ONE_BIAS = """\
for module in model.modules():  # PEFT's own attention adds the bias of its output twice; part 1 has mended it
    if type(module).__name__ == "AdaptedAttention":
        module.register_forward_hook(lambda module, inputs, output: (output[0] - module.model.o_proj.bias, *output[1:]))
"""


class PlainAdaptionPrompt(Plain):
    """PEFT's AdaptionPromptConfig."""

    name = "adaption_prompt"

    def code(self, method: Any, card: ModelCard) -> str:
        """Spell the config out and wrap the base."""
        has_bias = any(piece.role == "attention_output" for piece in card.biases())
        code = peft_code(
            "AdaptionPromptConfig",
            [
                ("adapter_len", method.length, help_of(method, "length")),
                ("adapter_layers", len(method.adapted(card)), "how many blocks have them, counted from the output"),
                ("target_modules", ATTENTION, "the attention of a block"),
            ],
            card,
        )
        return code + (ONE_BIAS if has_bias else "")
