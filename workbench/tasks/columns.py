"""Which column is the prompt and which the target: as told, or guessed where there is no doubt."""

import difflib
from dataclasses import dataclass

from workbench.errors import DataError
from workbench.tasks.file_text import at
from workbench.tasks.tables import Table

PAIRS = (
    ("prompt", "target"),
    ("prompt", "completion"),
    ("prompt", "response"),
    ("input", "output"),
    ("input", "target"),
    ("instruction", "response"),
    ("instruction", "output"),
    ("question", "answer"),
    ("source", "target"),
    ("mr", "ref"),
)
TELL = "Name them with prompt_column and target_column."


@dataclass(frozen=True)
class Columns:
    """Prompt and target, and a sentence on how they were found; without a prompt a target is a plain text.

    A prompt of several columns has a line for each, with the column's name before it.
    """

    prompts: tuple[str, ...]
    target: str
    note: str = ""


def choose_columns(table: Table, prompt: str, target: str) -> Columns:
    """Decide on the columns; what is named is checked, what is not is guessed only if nothing else fits.

    Several columns of a prompt are joined by +.

    Raises:
        DataError: a name that the file lacks, or more than one way to choose.
    """
    prompts = _several(table, prompt)
    for name in (*prompts, target):
        if name and name not in table.columns:
            raise _unknown(table, name)
    if target in prompts:
        raise DataError(f"Prompt and target are both {target!r}, but allowed are two different columns.", TELL)
    if prompts and target:
        return Columns(prompts, target)
    if prompts or target:
        return _other(table, prompts, target)
    return _guess(table)


def _several(table: Table, prompt: str) -> tuple[str, ...]:
    """The columns that a text such as `premise+question` names; a column that is called so comes first."""
    if not prompt or prompt in table.columns:
        return (prompt,) if prompt else ()
    return tuple(dict.fromkeys(part.strip() for part in prompt.split("+")))


def _unknown(table: Table, name: str) -> DataError:
    if kind := table.left_out.get(name):
        return DataError(f"{table.path.name}, column {name}: it is {kind}, but allowed is text or numbers.")
    by_lower = {column.lower(): column for column in table.columns}
    near = [by_lower[match] for match in difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)]
    listed = ", ".join(table.columns) or "none"
    line = table.rows[0].line if table.rows else 1
    where = at(table.path, line if table.path.suffix.lower() in (".jsonl", ".ndjson") else 1, name)
    hint = f"Did you mean {near[0]}?" if near else ""
    return DataError(f"{where}: there is no such column, but allowed is one of {listed}.", hint)


def _other(table: Table, prompts: tuple[str, ...], target: str) -> Columns:
    given = prompts or (target,)
    others = [column for column in table.columns if column not in given]
    if len(others) != 1:
        asked = "target_column" if prompts else "prompt_column"
        told = f"{table.path.name} has the columns {', '.join(others) or 'none'} beside {', '.join(given)}."
        raise DataError(told, f"Say which one is the {asked}.")
    chosen = Columns(prompts or (others[0],), target or others[0])
    return _noted(chosen, "the file has one other column")


def _guess(table: Table) -> Columns:
    by_plain_name = {column.strip().lower(): column for column in table.columns}
    pairs = [pair for pair in PAIRS if set(pair) <= set(by_plain_name)]
    if len(pairs) == 1:
        chosen = Columns((by_plain_name[pairs[0][0]],), by_plain_name[pairs[0][1]])
        return _noted(chosen, "by their names")
    if not pairs and len(table.columns) == 2:
        return _noted(Columns(table.columns[:1], table.columns[1]), "the file has exactly two columns")
    if not pairs and (len(table.columns) == 1 or "text" in by_plain_name):
        text = by_plain_name.get("text", table.columns[0])
        return Columns((), text, f"Every {text!r} is a text of its own, without a prompt.")
    listed = ", ".join(table.columns)
    doubt = "more than one pair of them could be meant" if pairs else "none of them says what it is"
    raise DataError(f"{table.path.name} has the columns {listed}, and {doubt}.", TELL)


def _noted(columns: Columns, reason: str) -> Columns:
    prompt = " + ".join(map(repr, columns.prompts))
    note = f"The prompt is column {prompt}, the target {columns.target!r} (guessed: {reason})."
    return Columns(columns.prompts, columns.target, note)
