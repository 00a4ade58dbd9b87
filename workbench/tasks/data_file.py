"""From a path to a table or a plain text, whatever format the file has."""

from pathlib import Path

from workbench.errors import DataError
from workbench.tasks import parquet
from workbench.tasks.file_text import PARQUET, read_text
from workbench.tasks.tables import Table, read_delimited, read_json_lines

TABLE_SUFFIXES = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
TEXT_SUFFIXES = (".txt", ".text", ".md")
ALLOWED = ", ".join((*TABLE_SUFFIXES, *JSON_SUFFIXES, *PARQUET, *TEXT_SUFFIXES))


def read_data(path: Path) -> tuple[Table | str, tuple[str, ...]]:
    """A table with at least one row, or a plain text; and what to know about the reading.

    Raises:
        DataError: the file cannot be read; names the line and the column.
    """
    if parquet.is_parquet(path):
        table = parquet.read_parquet(path)
        return _filled(table), table.notes
    text, encoding = read_text(path)
    notes = () if encoding == "UTF-8" else (f"{path.name} was read as {encoding}.",)
    kind = _kind(path, text)
    if kind == "text":
        return text.replace("\r\n", "\n"), notes
    table = read_json_lines(path, text) if kind == "json" else read_delimited(path, text, kind)
    return _filled(table), (*notes, *table.notes)


def _filled(table: Table) -> Table:
    if not table.rows:
        raise DataError(f"{table.path.name} has a header but no rows, but allowed is a file with examples.")
    return table


def _kind(path: Path, text: str) -> str:
    """Tell the format: "json", "text", or the delimiter of a table."""
    suffix, start = path.suffix.lower(), text.lstrip()[:1]
    if suffix in TEXT_SUFFIXES:
        return "text"
    if suffix in JSON_SUFFIXES or start == "{":
        if start == "[":
            raise DataError(f"{path.name} is one JSON list, but allowed is one object a line (JSONL).")
        return "json"
    if suffix in TABLE_SUFFIXES:
        return TABLE_SUFFIXES[suffix]
    raise DataError(
        f"{path.name} ends in {suffix or 'nothing'!r}, but allowed is one of {ALLOWED}.", "Rename the file."
    )
