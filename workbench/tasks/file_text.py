"""From a person's file to text: its size, its encoding, and where it breaks."""

import codecs
from pathlib import Path

from workbench.errors import DataError

MOST_BYTES = 200_000_000
PARQUET = (".parquet", ".pq")
GLANCE = 4096  # bytes that are looked at to tell UTF-16 and binary files
# Longest mark first: UTF-32's little-endian mark begins with UTF-16's.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BINARY = {
    b"PK\x03\x04": "a spreadsheet or zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
}
SAVE_HINT = "Save it as CSV or plain text in UTF-8."


def at(path: Path, line: int, column: str = "") -> str:
    """The place in a file as a person reads it: `data.csv, line 7, column answer`; Parquet has rows, not lines."""
    unit = "row" if path.suffix.lower() in PARQUET else "line"
    return f"{path.name}, {unit} {line}" + (f", column {column}" if column else "")


def check_file(path: Path) -> None:
    """Make sure that there is a file, and that it isn't too large.

    Raises:
        DataError: no such file, a folder, or larger than 200 MB.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise DataError(f"There is no file {path}.", "Check the path; it counts from the current folder.") from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    if path.is_dir():
        raise DataError(f"{path} is a folder, but allowed is a file.")
    if size > MOST_BYTES:
        limit = f"allowed are {MOST_BYTES / 1e6:.0f} MB"
        raise DataError(f"{path.name} has {size / 1e6:.0f} MB, but {limit}.", "Take a part of it.")


def _unreadable(path: Path, error: Exception) -> DataError:
    return DataError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.")


def read_text(path: Path) -> tuple[str, str]:
    """Return the file's text and the name of its encoding.

    Reads UTF-8 with or without a byte order mark, and UTF-16 and UTF-32, the former also without one.

    Raises:
        DataError: no such file, larger than 200 MB, empty, no text, or not in one encoding throughout.
    """
    data = _read_bytes(path)
    for start, what in BINARY.items():
        if data.startswith(start):
            raise DataError(f"{path.name} is {what}, but allowed is text.", SAVE_HINT)
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(path, data, encoding, error) from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise DataError(f"{at(path, line)}: there is a zero byte, but allowed is text.", SAVE_HINT)
    if not text.strip():
        raise DataError(f"{path.name} is empty, but allowed is a file with examples.")
    return text, encoding.removesuffix("-sig").upper()


def _read_bytes(path: Path) -> bytes:
    check_file(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def _encoding(data: bytes) -> str:
    for mark, name in MARKS:
        if data.startswith(mark):
            return name
    # Without a mark, UTF-16 shows in Western text as a zero in every other byte.
    head = data[:GLANCE]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 8 and odd > 8 * even:
        return "utf-16-le"
    if even > len(head) // 8 and even > 8 * odd:
        return "utf-16-be"
    return "utf-8"


def _undecodable(path: Path, data: bytes, encoding: str, error: UnicodeDecodeError) -> DataError:
    before = data[: error.start].decode(encoding, "ignore")
    line = before.count("\n") + 1
    character = len(before) - (before.rfind("\n") + 1) + 1
    found = " ".join(f"{byte:02X}" for byte in data[error.start : error.start + 1])
    return DataError(
        f"{at(path, line)}, character {character}: byte {found} is not {encoding.removesuffix('-sig').upper()}, "
        "but allowed is one encoding throughout.",
        "Open the file in an editor and save all of it as UTF-8.",
    )
