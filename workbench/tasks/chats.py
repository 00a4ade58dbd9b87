"""From chat lists (`{"messages": [{"role": ..., "content": ...}]}`) to prompts and targets."""

from collections.abc import Iterator

from workbench.errors import DataError
from workbench.tasks.contract import Record
from workbench.tasks.file_text import at
from workbench.tasks.tables import Row, Table, check_text, describe

COLUMN = "messages"
FIELDS = ("role", "content")
SPEAKERS = {"system": "System", "user": "User", "assistant": "Assistant"}


def read_chat(table: Table, row: Row) -> Iterator[tuple[str, Record]]:
    """Yield (key, record) for every answer of the assistant; what was said before it is the prompt.

    The key is the chat's first prompt, so all answers of a chat come into the same split.

    Raises:
        DataError: a message without role or content, an unknown role, a chat in which nobody answers.
    """
    said, key = "", ""
    for role, content in _messages(table, row):
        if role != "assistant":
            said += f"{SPEAKERS[role]}: {content}\n"
            continue
        key = key or said or content
        yield key, Record(f"{said}Assistant:", f" {content}")
        said += f"Assistant: {content}\n"
    if not key:
        place = at(table.path, row.line, COLUMN)
        raise DataError(f"{place}: no message is by the assistant, but allowed is a chat with at least one answer.")


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
        if role not in tuple(SPEAKERS):
            raise DataError(f"{place}.role: found {describe(role)}, but allowed is one of {', '.join(SPEAKERS)}.")
        yield role, check_text(content, f"{place}.content").strip()
