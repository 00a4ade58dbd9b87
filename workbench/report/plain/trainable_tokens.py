"""Trainable tokens with PEFT."""

from typing import Any

from workbench.card import ModelCard
from workbench.methods.peft_models import TASKS
from workbench.methods.trainable_tokens import embedding
from workbench.report.plain.contract import Plain, literal

CODE = """\
from peft import TrainableTokensConfig, get_peft_model

special = set(tokenizer.all_special_ids)
ends = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
text = {text}
words = tokenizer.encode(text, add_special_tokens=False)
others = [token for token in range(len(tokenizer)) if token not in special]  # low numbers are common tokens
chosen = list(dict.fromkeys([*ends, *words, *others]))[:{tokens}]
config = TrainableTokensConfig(task_type={task}, target_modules={module}, token_indices=chosen)
model = get_peft_model(base, config)
"""


class PlainTrainableTokens(Plain):
    """PEFT's TrainableTokensConfig."""

    name = "trainable_tokens"

    def code(self, method: Any, card: ModelCard) -> str:
        """Choose the tokens and wrap the base."""
        parts = {"tokens": method.tokens, "module": embedding(card), "task": TASKS[card.kind], "text": method.text}
        code = CODE
        for name, value in parts.items():
            code = code.replace(f"{{{name}}}", literal(value))
        return code
