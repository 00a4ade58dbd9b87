"""What is written of a method in plain PyTorch and PEFT, and how such source is put together."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from workbench.card import ModelCard
from workbench.knobs import knobs
from workbench.methods.peft_models import TASKS

# As `methods.weights.seeded` draws it, so that the random start is the same.
RANDOM_START = """\
# The workbench draws the seed of a random start from the run's seed in this way; so both parts begin alike.
generator = torch.Generator().manual_seed(SEED)
torch.manual_seed(torch.randint(2**62, (), generator=generator).item())
"""
LONGEST = 90  # characters of a list on one line


class Plain(ABC):
    """The source of one method; `name` is the method's.

    It finds `base`, `tokenizer` and the settings (`SEED`, `STEPS`, ...), and makes `model`, whose parameters that
    require a gradient are trained.
    """

    name: ClassVar[str]
    before_step: ClassVar[str] = ""  # a statement at the start of each step; `step` is 0 in the first
    shrinks: ClassVar[bool] = False  # whether the source defines `shrink(name)`, a factor on a parameter's rate
    adds_loss: ClassVar[bool] = False  # whether it defines `answers`, a dict, and `added_loss(examples)`
    loop: ClassVar[str] = ""  # the whole training, where it is not AdamW's
    told: ClassVar[str] = "with AdamW: the rate follows the schedule, large gradients are clipped."
    adds_penalty: ClassVar[bool] = False  # whether the source defines `penalty()`, which is added to the loss
    adds_positions: ClassVar[bool] = False  # whether the model's logits begin with those of virtual tokens

    @abstractmethod
    def code(self, method: Any, card: ModelCard) -> str:
        """The source; whatever comes from a spec stands in it as a literal."""


def literal(value: object) -> str:
    """The value as Python source; texts in double quotes where they hold none."""
    if isinstance(value, list):
        return f"[{', '.join(literal(part) for part in value)}]"
    if isinstance(value, tuple):
        return f"({', '.join(literal(part) for part in value)}{',' if len(value) == 1 else ''})"
    text = repr(value)
    return f'"{text[1:-1]}"' if text.startswith("'") and '"' not in text else text


def call(name: str, settings: Sequence[tuple[str, object, str]]) -> str:
    """A call with a keyword a line, each with its comment where it has one; a long list has a part a line."""
    lines = [
        f"    {key}={_value(key, value)},{f'  # {comment}' if comment else ''}" for key, value, comment in settings
    ]
    return "\n".join([f"{name}(", *lines, ")"])


def _value(key: str, value: object) -> str:
    text = literal(value)
    if not isinstance(value, list) or len(key) + len(text) < LONGEST:
        return text
    return "\n".join(["[", *(f"        {literal(part)}," for part in value), "    ]"])


def listed(values: list[str]) -> str:
    """A list of texts, one a line."""
    return "\n".join(["[", *(f"    {literal(value)}," for value in values), "]"])


def peft_code(
    kind: str, settings: Sequence[tuple[str, object, str]], card: ModelCard, start: str = RANDOM_START
) -> str:
    """Wrap the base with one of PEFT's methods; `start` is what stands before that, the run's own random start."""
    config = call(f"config = {kind}", [("task_type", TASKS[card.kind], ""), *settings])
    return f"from peft import {kind}, get_peft_model\n\n{config}\n{start}model = get_peft_model(base, config)\n"


def one_side(card: ModelCard) -> list[tuple[str, object, str]]:
    """What keeps PEFT from making a prompt for the decoder too, which would never be read."""
    told = "a prompt for the encoder alone"
    return [("num_transformer_submodules", 1, told)] if card.kind == "encoder_decoder" else []


def help_of(method: object, knob: str) -> str:
    """What the knob means, in the method's own words."""
    return knobs(type(method))[knob].help


def endings(names: Iterable[str]) -> list[str]:
    """What the names are called within a block: self_attn.q_proj for model.layers.3.self_attn.q_proj."""
    return list(dict.fromkeys(re.split(r"\.\d+\.", name, maxsplit=1)[-1] for name in names))


def blocks_of(card: ModelCard) -> str:
    """The list of blocks within the model, as model.layers."""
    first = next(piece.name for piece in card.pieces if piece.block is not None)
    return re.split(r"\.\d+\.", first, maxsplit=1)[0]
