"""From an example to token ids and labels, with the prompt masked."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.tasks.contract import Record

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

IGNORED = -100  # label of a token that is not learned, as in torch's cross_entropy


@dataclass(frozen=True)
class Encoded:
    """An example as tokens: `ids` and `labels` are equally long; `truncated` tokens were cut."""

    ids: tuple[int, ...]
    labels: tuple[int, ...]
    truncated: int = 0

    @property
    def targets(self) -> int:
        """How many tokens are learned."""
        return sum(label != IGNORED for label in self.labels)


def encode(record: Record, tokenizer: "PreTrainedTokenizerBase", max_length: int) -> Encoded:
    """Tokens of prompt + target + end, of which the target and the end are learned.

    A beginning-of-text token stands first where the tokenizer has one. An example that is too long
    loses the start of its prompt first (the end is nearest to the answer), then the end of its target.
    """
    start = [tokenizer.bos_token_id] if tokenizer.bos_token_id is not None else []
    prompt = tokenizer.encode(record.prompt, add_special_tokens=False) if record.prompt else []
    target = tokenizer.encode(record.target, add_special_tokens=False)
    if tokenizer.eos_token_id is not None:
        target.append(tokenizer.eos_token_id)
    room = max_length - len(start)
    truncated = max(0, len(prompt) + len(target) - room)
    prompt = prompt[min(truncated, len(prompt)) :]
    target = target[: room - len(prompt)]
    ids = [*start, *prompt, *target]
    labels = [IGNORED] * (len(start) + len(prompt)) + target
    return Encoded(tuple(ids), tuple(labels), truncated)
