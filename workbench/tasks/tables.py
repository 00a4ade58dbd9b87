"""Rows with named columns, each with its line number, and how the text of a CSV, TSV or JSONL file becomes some."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import DataError
from workbench.tasks.file_text import at

DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon"}
SHOWN = 40  # characters of a wrong value that an error shows
HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
LINE = re.compile("[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")  # as Python's files with newline="" have them

_MISSING = object()
Cells = tuple[int, list[str]]  # the line on which a row starts, and its texts


class _QuotingError(DataError):
    """Quotation marks that do not pair."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file: the line it starts on, and its values by column."""

    line: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A file's columns in order, its rows without the empty ones, and what to know about the reading.

    `left_out` are columns that cannot be learned, each with what it holds.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)

    def text(self, row: Row, column: str) -> str:
        """The text in a cell; numbers, true and false are written out.

        Raises:
            DataError: the cell is missing, empty, or holds something else.
        """
        value = row.values.get(column, _MISSING)
        if isinstance(value, str) and _is_learnable(value):  # most cells, so no place is written out for them
            return value
        place = at(self.path, row.line, column)
        if value is _MISSING:
            raise DataError(
                f"{place}: there is no value, but allowed is a text.", f"It has: {', '.join(row.values) or 'nothing'}."
            )
        return json.dumps(value) if isinstance(value, (bool, int, float)) else check_text(value, place)


def check_text(value: object, place: str) -> str:
    """The value if it is a text that can be learned.

    Raises:
        DataError: it is something else, empty, or half a character.
    """
    if not isinstance(value, str):
        raise DataError(f"{place}: found {describe(value)}, but allowed is a text or a number.")
    if HALF_A_CHARACTER.search(value):
        raise DataError(f"{place}: found half a character (a lone surrogate), but allowed is Unicode text.")
    if not value.strip():
        raise DataError(f"{place}: the text is empty, but allowed is at least one character.")
    return value


def _is_learnable(value: str) -> bool:
    return bool(value.strip()) and not HALF_A_CHARACTER.search(value)


def is_blank(value: object) -> bool:
    """Whether a cell holds nothing, or white space alone."""
    return value is None or (isinstance(value, str) and not value.strip())


def describe(value: object) -> str:
    """What a JSON value is, in words: `a list`, `the text "abc"`."""
    names = {list: "a list", dict: "an object", type(None): "null"}
    if type(value) in names:
        return names[type(value)]
    shown = json.dumps(value, ensure_ascii=False)
    return f"{'the text' if isinstance(value, str) else 'the value'} {shown[:SHOWN]}"


def read_delimited(path: Path, text: str, preferred: str) -> Table:
    """Read CSV or TSV whose first row names the columns; quoted cells may hold line breaks.

    Where the first line lacks the delimiter that the file's name promises, another one that it has is taken.

    Raises:
        DataError: a quote that never closes, a row with too many or too few cells, a bad header.
    """
    delimiter = _delimiter(text, preferred)
    notes = [f"Its cells are separated by a {DELIMITERS[delimiter]}."] if delimiter != preferred else []
    try:
        columns, rows, skipped = _rows(path, _cells(path, text, delimiter, csv.QUOTE_MINIMAL))
    except _QuotingError:
        # Many TSV files use no quoting at all: there a quotation mark is a character like any other.
        if delimiter != "\t":
            raise
        columns, rows, skipped = _rows(path, _cells(path, text, delimiter, csv.QUOTE_NONE))
        notes.append("Quotation marks are taken as they stand.")
    if skipped:
        notes.append(f"Empty rows left out: {skipped}.")
    return Table(path, columns, rows, tuple(notes))


def _delimiter(text: str, preferred: str) -> str:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    counts = {mark: first.count(mark) for mark in DELIMITERS}
    return preferred if counts[preferred] or not any(counts.values()) else max(counts, key=lambda mark: counts[mark])


def _cells(path: Path, text: str, delimiter: str, quoting: Any) -> Iterator[Cells]:
    """Yield (line on which it starts, cells) of every row."""
    # Python refuses cells of more than 131,072 characters unless told otherwise, for the whole process.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    # Not StringIO: it holds the text once more, with four bytes a character.
    lines = (match.group() for match in LINE.finditer(text))
    reader = csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        reason = {"unexpected end of data": "a quotation mark opens here and never closes"}.get(str(error), str(error))
        hint = 'Inside a quoted cell, write a quotation mark twice: "".'
        raise _QuotingError(f"{at(path, line)}: {reason}.", hint) from None


def _rows(path: Path, cells: Iterator[Cells]) -> tuple[tuple[str, ...], tuple[Row, ...], int]:
    """Return the columns, the rows below them that hold anything, and how many do not."""
    columns = _header(path, cells)
    rows, skipped = [], 0
    for line, texts in cells:
        if any(text.strip() for text in texts):
            rows.append(_row(path, columns, line, texts))
        else:
            skipped += 1
    return columns, tuple(rows), skipped


def _header(path: Path, rows: Iterator[Cells]) -> tuple[str, ...]:
    first = next((entry for entry in rows if any(cell.strip() for cell in entry[1])), None)
    if first is None:
        raise DataError(f"{at(path, 1)}: no column has a name.", "The first row must name every column.")
    line, cells = first
    columns = tuple(cell.strip() for cell in cells)
    check_columns(path, line, columns)
    return columns


def check_columns(path: Path, line: int, columns: tuple[str, ...]) -> None:
    """Make sure that every column has a name of its own.

    Raises:
        DataError: one has none, or that of another.
    """
    for place, column in enumerate(columns, start=1):
        if not column:
            raise DataError(f"{at(path, line)}: column {place} has no name.", "The first row must name every column.")
        if columns.index(column) != place - 1:
            raise DataError(f"{at(path, line, column)}: the name occurs twice.", "Every column needs its own name.")


def _row(path: Path, columns: tuple[str, ...], line: int, cells: list[str]) -> Row:
    if len(cells) > len(columns):
        extra = f"column {len(columns) + 1}"
        raise DataError(
            f"{at(path, line)}, {extra}: the row has {len(cells)} cells, but allowed are {len(columns)}.",
            "Put a cell that holds the separator into quotation marks.",
        )
    if len(cells) < len(columns):
        missing = columns[len(cells)]
        raise DataError(
            f"{at(path, line, missing)}: the row ends before it, after {len(cells)} of {len(columns)} cells."
        )
    return Row(line, dict(zip(columns, cells, strict=True)))


def read_json_lines(path: Path, text: str) -> Table:
    """Read JSONL: one object a line; blank lines are left out.

    Raises:
        DataError: a line that is no JSON object.
    """
    # Not splitlines: JSON texts may hold other line separators, such as U+2028, as they are.
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    rows = tuple(Row(number, _object(path, number, line)) for number, line in lines)
    columns = tuple(dict.fromkeys(name for row in rows for name in row.values))
    return Table(path, columns, rows)


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        found = f"{at(path, number)}, character {error.colno}: {error.msg}"
        raise DataError(
            f"{found}, but allowed is one JSON object a line.", 'For example {"prompt": "a", "target": "b"}.'
        ) from None
    except (ValueError, RecursionError):
        raise DataError(f"{at(path, number)}: the value is too deep or too long to be read.") from None
    if not isinstance(value, dict):
        raise DataError(f"{at(path, number)}: found {describe(value)}, but allowed is one JSON object a line.")
    return value
