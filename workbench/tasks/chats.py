"""From chat lists (`{"messages": [{"role": ..., "content": ...}]}`) to prompts and targets."""

import re
from collections.abc import Iterator

from workbench.errors import DataError
from workbench.tasks.contract import Chat, Record
from workbench.tasks.file_text import at
from workbench.tasks.tables import Row, Table, check_text, describe

COLUMN = "messages"
FIELDS = ("role", "content")
ROLE = re.compile(r"[\w-]{1,40}")
ANSWERS = "assistant"  # the role that is learned
SPEAKERS = {"system": "System", "user": "User", "assistant": "Assistant"}


def read_chat(table: Table, row: Row) -> Iterator[tuple[str, Record]]:
    """Yield (key, record) for every answer of the assistant; what was said before it is the prompt.

    The texts are lines that begin with who speaks, the layout for models without a chat template of their own; for the
    others `chat_template.py` lays the chat out anew. The key is the chat's first prompt, so all answers of a chat come
    into the same split. Who has another role than the known ones is read under its name, and never learned.

    Raises:
        DataError: a message without role or content, a chat in which nobody answers.
    """
    said, key = "", ""
    messages: list[tuple[str, str]] = []
    for role, content in _messages(table, row):
        if role == ANSWERS:
            key = key or said or content
            chat = Chat(tuple(messages), content, at(table.path, row.line))
            yield key, Record(f"{said}Assistant:", f" {content}", chat=chat)
        said += f"{SPEAKERS.get(role, role.capitalize())}: {content}\n"
        messages.append((role, content))
    if not key:
        place = at(table.path, row.line, COLUMN)
        roles = dict.fromkeys(role for role, _ in messages)
        raise DataError(
            f"{place}: no message is by the assistant, but allowed is a chat with at least one answer.",
            f"Its roles are {', '.join(roles)}; known are {', '.join(SPEAKERS)}." if roles else "",
        )


def _messages(table: Table, row: Row) -> Iterator[tuple[str, str]]:
    messages = row.values.get(COLUMN)
    if not isinstance(messages, list):
        found = describe(messages) if COLUMN in row.values else "no value"
        raise DataError(f"{at(table.path, row.line, COLUMN)}: found {found}, but allowed is a list of messages.")
    for number, message in enumerate(messages):
        place = at(table.path, row.line, f"{COLUMN}[{number}]")
        if not isinstance(message, dict):
            raise DataError(f"{place}: found {describe(message)}, but allowed is an object with role and content.")
        role, content = message.get("role"), message.get("content")
        if not isinstance(role, str) or not ROLE.fullmatch(role):
            raise DataError(f"{place}.role: found {describe(role)}, but allowed is one of {', '.join(SPEAKERS)}.")
        yield role, check_text(content, f"{place}.content").strip()
