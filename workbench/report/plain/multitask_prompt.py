"""Multitask prompt tuning with PEFT, of one task."""

from typing import Any

from workbench.card import ModelCard
from workbench.methods.soft_prompts import COMMON_TOKENS, token_width
from workbench.report.plain.contract import Plain, help_of, one_side, peft_code
from workbench.report.plain.prompt import VOCABULARY

SET = """\
prompt = model.prompt_encoder["default"]
with torch.no_grad():
    prompt.embedding.weight.copy_(start)
    prompt.prefix_task_cols[:, :, 0] = 1.0  # the product of both factors starts at one
    prompt.prefix_task_rows.zero_()
    prompt.prefix_task_rows[:, 0] = 1.0


def name_the_task(module, inputs):
    \"\"\"PEFT asks for the number of each text's task; there is one.\"\"\"
    return inputs[0], torch.zeros(len(inputs[0]), dtype=torch.long, device=inputs[0].device)


prompt.register_forward_pre_hook(name_the_task)
"""
DECODER = """\
written = {}  # PEFT 0.21 does not pass on what the decoder has written so far
model.register_forward_pre_hook(lambda module, inputs, named: written.update(named), with_kwargs=True)
base.register_forward_pre_hook(
    lambda module, inputs, named: (inputs, named | {"decoder_input_ids": written["decoder_input_ids"]}),
    with_kwargs=True,
)
"""


class PlainMultitaskPrompt(Plain):
    """PEFT's MultitaskPromptTuningConfig."""

    name = "multitask_prompt"
    adds_positions = True

    def code(self, method: Any, card: ModelCard) -> str:
        """Spell the config out, draw the words to start from, and name the task in every call."""
        before = f"VIRTUAL = {method.virtual_tokens}\n"
        before += "generator = torch.Generator().manual_seed(SEED)\n"
        before += "words = base.get_input_embeddings().weight.detach()  # (vocabulary, width)\n"
        before += VOCABULARY.replace("{common}", f"{COMMON_TOKENS}")
        before += "torch.manual_seed(torch.randint(2**62, (), generator=generator).item())\n"
        settings: list[tuple[str, object, str]] = [
            ("num_virtual_tokens", method.virtual_tokens, help_of(method, "virtual_tokens")),
            ("num_ranks", method.rank, help_of(method, "rank")),
            ("num_tasks", 1, ""),
            ("token_dim", token_width(card), "width of an embedding"),
            ("num_layers", card.depth, ""),
            *one_side(card),
            ("num_attention_heads", card.heads, ""),
        ]
        return (
            peft_code("MultitaskPromptTuningConfig", settings, card, before)
            + SET
            + (DECODER if card.kind == "encoder_decoder" else "")
        )
