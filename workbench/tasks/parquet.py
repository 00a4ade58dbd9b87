"""From a Parquet file to rows with named columns: sizes first, and only columns that can be a text."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench.errors import DataError
from workbench.tasks import chats, file_text
from workbench.tasks.file_text import check_file
from workbench.tasks.tables import Row, Table, check_columns, is_blank

MAGIC = b"PAR1"
MOST_ROWS, MOST_COLUMNS = 1_000_000, 1000
ROWS_AT_ONCE = 256  # so few that a file that unpacks to far more than its size is noticed early


def is_parquet(path: Path) -> bool:
    """Whether the file's name or its first bytes say Parquet."""
    if path.suffix.lower() in file_text.PARQUET:
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False  # whoever reads it says what is wrong


def read_parquet(path: Path) -> Table:
    """Read the columns that hold texts, numbers, dates or chats; the others are named in `left_out`.

    Raises:
        DataError: no Parquet, damaged, too many rows, columns or bytes, or no column that can be read.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    check_file(path)
    try:
        with ParquetFile(path) as file:
            names = tuple(file.schema_arrow.names)
            _check_size(path, file.metadata.num_rows, len(names))
            check_columns(path, 1, names)
            kinds = {field.name: kind_of(field.type) for field in file.schema_arrow}
        left_out = {name: kind for name, kind in kinds.items() if kind}
        columns = tuple(name for name in names if name not in left_out)
        if not columns:
            told = ", ".join(f"{name} ({kind})" for name, kind in left_out.items()) or "none"
            raise DataError(f"{path.name} has the columns {told}, but allowed are texts, numbers and chats.")
        rows = tuple(_rows(path, columns))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataError(
            f"{path.name} is damaged or no Parquet ({_reason(error)}).", "Write the file again, or save it as CSV."
        ) from None
    return Table(path, columns, rows, left_out_note(left_out), left_out)


def kind_of(kind: Any) -> str:
    """What an Arrow type that cannot be learned is, in words; empty for one that can."""
    from pyarrow import types

    if types.is_dictionary(kind):
        return kind_of(kind.value_type)
    readable = (_is_text, types.is_integer, types.is_floating, types.is_boolean, types.is_null, _is_written, _is_chat)
    if any(fits(kind) for fits in readable):
        return ""
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return "binary"
    return "nested" if types.is_nested(kind) else str(kind)


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind))


def _is_written(kind: Any) -> bool:
    """Whether its values are no texts, but can be written out as such."""
    from pyarrow import types

    return any(fits(kind) for fits in (types.is_date, types.is_timestamp, types.is_time, types.is_decimal))


def _is_chat(kind: Any) -> bool:
    from pyarrow import types

    if not (types.is_list(kind) or types.is_large_list(kind)) or not types.is_struct(kind.value_type):
        return False
    return set(chats.FIELDS) <= {field.name for field in kind.value_type}


def _check_size(path: Path, rows: int, columns: int) -> None:
    for found, most, what in ((rows, MOST_ROWS, "rows"), (columns, MOST_COLUMNS, "columns")):
        if found > most:
            raise DataError(f"{path.name} has {found:,} {what}, but allowed are {most:,}.", "Take a part of it.")


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows that are not empty, each with its number, the first being 1."""
    from pyarrow import RecordBatch
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        schema = file.schema_arrow
    texts = [name for name in columns if _is_text(schema.field(name).type)]
    number = unpacked = 0
    # A text that stands in many rows is kept once while it is counted: a small file may unpack to very much.
    with ParquetFile(path, read_dictionary=texts) as file:
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=list(columns)):
            unpacked += sum(map(_unpacked_bytes, batch.columns))
            if unpacked > file_text.MOST_BYTES:
                limit = f"allowed are {file_text.MOST_BYTES / 1e6:.0f} MB"
                raise DataError(f"{path.name} is larger when it is unpacked; {limit}.", "Take a part of it.")
            written = RecordBatch.from_arrays([_written(column) for column in batch.columns], batch.schema.names)
            for values in written.to_pylist():
                number += 1
                if not all(map(is_blank, values.values())):
                    yield Row(number, values)


def _unpacked_bytes(column: Any) -> int:
    """The size of a column's values when each of them is written out."""
    from pyarrow import compute, types

    if types.is_dictionary(column.type) and _is_text(column.type.value_type):
        lengths = compute.binary_length(column.dictionary)
        return int(compute.sum(compute.take(lengths, column.indices)).as_py() or 0)
    return int(column.nbytes)


def _written(column: Any) -> Any:
    return column.cast("string") if _is_written(column.type) else column


def left_out_note(left_out: Mapping[str, str]) -> tuple[str, ...]:
    """Which columns are left out, as a sentence; nothing where all can be read."""
    told = ", ".join(f"{name} ({kind})" for name, kind in left_out.items())
    return (f"Columns left out: {told}.",) if told else ()


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:120].rstrip(".") if lines else type(error).__name__
