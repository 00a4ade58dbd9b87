"""Prompt tuning with PEFT, and the start that the workbench gives it."""

from typing import Any

from workbench.card import ModelCard
from workbench.methods.soft_prompts import COMMON_TOKENS, token_width
from workbench.report.plain.contract import Plain, help_of, literal, one_side, peft_code

RANDOM = """\
start = torch.randn(VIRTUAL, words.shape[1], generator=generator) * words.std()  # as spread out as the words are
"""
TEXT = """\
ids = tokenizer.encode({text}, add_special_tokens=False)
start = base.get_input_embeddings()(torch.tensor([ids[place % len(ids)] for place in range(VIRTUAL)]))
"""
VOCABULARY = """\
special = set(tokenizer.all_special_ids)
common = [token for token in range(min(len(words), len(tokenizer), {common})) if token not in special]
drawn = torch.randint(len(common), (VIRTUAL,), generator=generator)
start = base.get_input_embeddings()(torch.tensor(common)[drawn])  # low numbers are common tokens
"""
SET = """\
with torch.no_grad():
    model.prompt_encoder["default"].embedding.weight.copy_(start)
"""


class PlainPrompt(Plain):
    """PEFT's PromptTuningConfig."""

    name = "prompt"
    adds_positions = True

    def code(self, method: Any, card: ModelCard) -> str:
        """Spell the config out, choose the vectors to start from and put them into PEFT's table."""
        start = {
            "random": RANDOM,
            "text": TEXT.replace("{text}", literal(method.text)),
            "vocabulary": VOCABULARY.replace("{common}", f"{COMMON_TOKENS}"),
        }[method.start]
        before = f"VIRTUAL = {method.virtual_tokens}\n"
        before += "generator = torch.Generator().manual_seed(SEED)\n"
        before += f"words = base.get_input_embeddings().weight.detach()  # (vocabulary, width)\n{start}"
        settings: list[tuple[str, object, str]] = [
            ("num_virtual_tokens", method.virtual_tokens, help_of(method, "virtual_tokens")),
            ("token_dim", token_width(card), "width of an embedding"),
            ("num_layers", card.depth, ""),
            *one_side(card),
            ("num_attention_heads", card.heads, ""),
        ]
        return peft_code("PromptTuningConfig", settings, card, before) + SET
