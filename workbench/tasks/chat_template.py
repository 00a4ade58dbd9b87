"""Chats as the model's own chat template writes them; the template comes with the model, from whoever made it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.errors import DataError
from workbench.tasks.chats import ANSWERS
from workbench.tasks.contract import Chat, Record
from workbench.tasks.encode import Layout

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

AS_LINES = "own_file:chat_template=false"
MOST_WORDS, MOST_ROLES = 200, 8  # characters of a template's own words in an error, and roles of the chat
# Llama 3.1's template writes the day's date where it is told none; this is the one that it falls back to by itself.
# With it a run reads the same text on every day.
DATE = "26 Jul 2024"
PROBE = Chat(
    (("user", "A question?"),), "An-answer-to-be-found-again", "The question and answer that a template is tried with"
)


@dataclass(frozen=True)
class Turn:
    """An answer as a template writes it: `target` behind `prompt`, then `end`, then the model's end token.

    `is_ended` says whether the template writes that end token itself. It stands in none of the texts, as it is added
    where texts become tokens.
    """

    prompt: str
    target: str
    end: str
    is_ended: bool


def template_of(tokenizer: "PreTrainedTokenizerBase") -> str:
    """The source of the model's chat template, where it has several of all of them; empty where it has none."""
    template = getattr(tokenizer, "chat_template", None) or ""
    return "\n".join(map(str, template.values())) if isinstance(template, dict) else str(template)


def lays_out(tokenizer: "PreTrainedTokenizerBase") -> bool:
    """Whether the model has a chat template that chats can be laid out by.

    It must write an answer behind the text that asks for one. Some ask with marks that they leave out once the answer
    is there (an open `<think>`, say): from these no prompt and target can be told apart. A template that refuses what
    it is tried with may take other chats, and is told of where it does not.
    """
    if not template_of(tokenizer):
        return False
    try:
        turn = turn_of(PROBE, tokenizer)
    except DataError as error:
        return not isinstance(error, _Rewritten)
    return PROBE.answer in turn.target


def lay_out(records: Sequence[Record], tokenizer: "PreTrainedTokenizerBase", layout: Layout) -> list[Record]:
    """The records with their chats as the model's own template writes them; as they stand where it lays out none.

    What the model reads first is added where texts become tokens, so a prompt that begins with it loses it. A
    classification head and an encoder answer with the task's label, so only their prompt is the template's.

    Raises:
        DataError: the template refuses a chat, or writes it otherwise once its answer is there; names file and line.
    """
    if not any(record.chat for record in records) or not lays_out(tokenizer):
        return list(records)
    first = {"decoder": "bos_token", "encoder": "cls_token"}.get(layout.kind, "")
    opening = (getattr(tokenizer, first, None) if first else None) or ""
    writes = layout.kind != "encoder" and not layout.labels
    return [_laid_out(record, tokenizer, opening, writes) for record in records]


def _laid_out(record: Record, tokenizer: "PreTrainedTokenizerBase", opening: str, writes: bool) -> Record:
    if not record.chat:
        return record
    turn = turn_of(record.chat, tokenizer)
    laid_out = replace(record, prompt=turn.prompt.removeprefix(opening))
    return replace(laid_out, target=turn.target, end=turn.end) if writes else laid_out


def turn_of(chat: Chat, tokenizer: "PreTrainedTokenizerBase") -> Turn:
    """The prompt is what the template writes before the answer, the target what it adds for it.

    Raises:
        DataError: the template refuses the chat, or does not write it on from the prompt.
    """
    prompt, whole = _texts(chat, tokenizer)
    if not prompt or not whole.startswith(prompt):
        raise _Rewritten(
            f"{chat.place}: the model's chat template does not write the answer behind the text that asks for it.",
            f"It may move a system message or rewrite an earlier turn: leave that out, or take lines with {AS_LINES}.",
        )
    added = whole[len(prompt) :]
    cut = _end_of_answer(chat, added, tokenizer)
    body, end_token = added.rstrip(), str(tokenizer.eos_token or "")
    is_ended = bool(end_token) and body.endswith(end_token)
    if is_ended:
        body = body.removesuffix(end_token)
    return Turn(prompt, body[:cut], body[cut:], is_ended)


class _Rewritten(DataError):
    """A template writes a chat otherwise once its answer is there."""


def _end_of_answer(chat: Chat, added: str, tokenizer: "PreTrainedTokenizerBase") -> int:
    """The place behind the answer in what a template adds for it.

    An answer may occur in the marks around it ("i" in <|im_end|>): then what follows another answer tells the place.
    """
    if added.count(chat.answer) == 1:
        return added.index(chat.answer) + len(chat.answer)
    _, other = _texts(replace(chat, answer=PROBE.answer), tokenizer)
    end = other.rpartition(PROBE.answer)[2] if PROBE.answer in other else ""
    return len(added) - len(end) if added.endswith(end) else len(added)


def _texts(chat: Chat, tokenizer: "PreTrainedTokenizerBase") -> tuple[str, str]:
    """What the template writes to ask for the answer, and with the answer."""
    said = [{"role": role, "content": content} for role, content in chat.said]
    if not said:
        told = f"{chat.place}: the chat begins with an answer, and the model's chat template needs a message before it."
        raise DataError(told, f"Put what is asked before it, or take lines with {AS_LINES}.")
    answer = {"role": ANSWERS, "content": chat.answer}
    return _written(said, True, chat, tokenizer), _written([*said, answer], False, chat, tokenizer)


def _written(messages: list[dict[str, str]], asks: bool, chat: Chat, tokenizer: "PreTrainedTokenizerBase") -> str:
    """Rendered by transformers, in jinja2's immutable sandbox: the template is code of whoever made the model."""
    try:
        return str(
            tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=asks, date_string=DATE)
        )
    except Exception as error:  # whatever a template raises is one sentence to a person
        roles = ", ".join([*dict.fromkeys([*(role for role, _ in chat.said), ANSWERS])][:MOST_ROLES])
        raise DataError(
            f"{chat.place}: the model's chat template refuses this chat ({_words(error)}).",
            f"Its roles are {roles}. Change the chat, or lay all out as lines with {AS_LINES}.",
        ) from error


def _words(error: Exception) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return (words if len(words) <= MOST_WORDS else words[: MOST_WORDS - 1] + "…").rstrip(".")
