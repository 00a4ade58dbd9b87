"""What is odd about chats and about text that was written for another model's chat template, a sentence each."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from workbench.tasks.chat_template import lays_out, template_of, turn_of
from workbench.tasks.chats import COLUMN, SPEAKERS
from workbench.tasks.contract import Record
from workbench.tasks.file_text import at
from workbench.tasks.tables import Table

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

MOST_NAMED = 4  # roles or marks that a sentence names
# The marks of the chat templates that models are published with (`chat_template` of their tokenizers); Qwen and SmolLM
# write ChatML. GPT-2 ends a text with its one.
FAMILIES = {
    "ChatML": ("<|im_start|>", "<|im_end|>"),
    "Llama 2 and Mistral": ("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>"),
    "Llama 3": ("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    "Gemma": ("<start_of_turn>", "<end_of_turn>"),
    "Zephyr and Phi": ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>"),
    "DeepSeek": ("<\uff5cUser\uff5c>", "<\uff5cAssistant\uff5c>"),
    "GPT-2": ("<|endoftext|>",),
}
_MARKS = re.compile("|".join(re.escape(mark) for marks in FAMILIES.values() for mark in marks))


def lint_roles(table: Table) -> tuple[str, ...]:
    """What is odd about the roles of a table of chats that were read already."""
    unknown: Counter[str] = Counter()
    odd, strange = [], []
    for row in table.rows:
        roles = [message["role"] for message in row.values[COLUMN]]
        others = [role for role in roles if role not in SPEAKERS]
        unknown.update(others)
        if others:
            strange.append(row.line)
        if not _alternates(roles):
            odd.append(row.line)
    return tuple(
        f"{_of(len(lines), len(table.rows), 'chats')} have {what}, the first in {at(table.path, lines[0])}; {result}."
        for lines, what, result in (
            (odd, "roles that do not alternate", "they are learned as they stand"),
            (strange, f"unknown roles ({_some(unknown)})", "what these say is read, never learned"),
        )
        if lines
    )


def _alternates(roles: Sequence[str]) -> bool:
    """Whether the user begins and the assistant answers in turn, after what the system says first.

    An unknown role, such as a tool's, speaks in the user's place.
    """
    start = 1 if roles[:1] == ["system"] else 0
    turns = [role == "assistant" for role in roles[start:]]
    return "system" not in roles[start:] and all(is_answer == place % 2 for place, is_answer in enumerate(turns))


def lint_text(records: Sequence[Record], tokenizer: "PreTrainedTokenizerBase", are_chats: bool) -> tuple[str, ...]:
    """How chats are laid out for this model, how its template goes with it, and which marks stand in the texts.

    Raises:
        DataError: the model's chat template refuses a chat.
    """
    template = template_of(tokenizer)
    own = f"has a chat template of its own{_family_note(template)}" if template else "has no chat template"
    is_wanted = any(record.chat for record in records)
    is_own = is_wanted and lays_out(tokenizer)
    told = [*_layout(own, template, is_own, is_wanted)] if are_chats else []
    told += [*_mismatches(records, template, tokenizer)] if is_own else []
    advice = "Take them out." if are_chats else f"Take them out, or give the chats as a column {COLUMN!r}."
    found = [set(_MARKS.findall(_foreign_text(record))) for record in records]
    if is_own:
        told += _own_marks(found, template, tokenizer)
    for family, marks in FAMILIES.items():
        foreign = [mark for mark in marks if not _is_known(mark, template, tokenizer)]
        counts = Counter(mark for in_text in found for mark in in_text if mark in foreign)
        if counts:
            holding = sum(not in_text.isdisjoint(counts) for in_text in found)
            holders = f"{_of(holding, len(records), 'examples')} hold {_some(counts)}, marks of {family}"
            told.append(f"{holders}: this model {own} and reads them as ordinary text. {advice}")
    return tuple(told)


def _foreign_text(record: Record) -> str:
    """What the data holds of a record; what lays out a chat is not the data's."""
    if record.chat:
        return "\n".join([*(content for _, content in record.chat.said), record.chat.answer])
    return f"{record.prompt}\n{record.target}"


def _layout(own: str, template: str, is_own: bool, is_wanted: bool) -> Iterator[str]:
    if is_own:
        yield f"This model {own}; chats are laid out by it."
        return
    but = ";"
    if template:
        fails = "it does not write an answer behind the text that asks for it"
        but = f", but {fails}, so" if is_wanted else ", but as asked for"
    lines = "lines that begin with " + ", ".join(f"{name}:" for name in SPEAKERS.values())
    yield f"This model {own}{but} chats are laid out as {lines}."


def _mismatches(records: Sequence[Record], template: str, tokenizer: "PreTrainedTokenizerBase") -> Iterator[str]:
    """Where the template and the model's end token, or the day, do not go together."""
    chat = next((record.chat for record in records if record.chat), None)
    turn = turn_of(chat, tokenizer) if chat else None
    if turn and tokenizer.eos_token and not turn.is_ended:
        end = f"with {turn.end.strip()!r}" if turn.end.strip() else "with no mark"
        yield (
            f"Its template ends an answer {end}, not with the model's end token {tokenizer.eos_token}; "
            "that is learned behind it."
        )
    if "strftime_now" in template and "date_string" not in template:
        yield "Its template writes the day's date, so the same run reads another text on another day."


def _own_marks(found: Sequence[set[str]], template: str, tokenizer: "PreTrainedTokenizerBase") -> Iterator[str]:
    """Marks within messages that the model takes for its own."""
    own = Counter(mark for in_text in found for mark in in_text if _is_known(mark, template, tokenizer))
    if own:
        holding = sum(not in_text.isdisjoint(own) for in_text in found)
        holders = f"{_of(holding, len(found), 'examples')} hold {_some(own)} within a message"
        yield f"{holders}: this model reads them as marks of its own and not as what somebody says. Take them out."


def _family_note(template: str) -> str:
    family = next((name for name, marks in FAMILIES.items() if any(mark in template for mark in marks)), "")
    return f" ({family})" if family else ""


def _is_known(mark: str, template: str, tokenizer: "PreTrainedTokenizerBase") -> bool:
    """Whether the model's template writes the mark, or its tokenizer knows it."""
    return mark in template or _is_token(mark, tokenizer)


def _is_token(mark: str, tokenizer: "PreTrainedTokenizerBase") -> bool:
    """Whether the tokenizer knows the mark as one token, and not as the unknown one."""
    ids = tokenizer.encode(mark, add_special_tokens=False)
    return len(ids) == 1 and ids[0] != getattr(tokenizer, "unk_token_id", None)


def _of(some: int, all_of_them: int, what: str) -> str:
    return f"{some} of {all_of_them} {what}"


def _some(counts: "Counter[str]") -> str:
    names = [name for name, _ in counts.most_common(MOST_NAMED)]
    return ", ".join(names) + (" ..." if len(counts) > len(names) else "")
