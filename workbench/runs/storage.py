"""Writing to disk so that a kill leaves the old or the new, and a full disk is one sentence."""

import contextlib
import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.errors import StorageError

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


def storage_error(error: OSError, path: Path) -> StorageError:
    """Say in one sentence why `path` could not be written."""
    if error.errno in _FULL:
        return StorageError(f"The disk is full: {path} could not be written.", "Free some space, then resume the run.")
    if error.errno in _FORBIDDEN:
        hint = "Choose a folder of your own with WORKBENCH_HOME."
        return StorageError(f"{path} cannot be written: it is read-only or belongs to someone else.", hint)
    return StorageError(f"{path} could not be written: {error.strerror or error}.", "Check the disk and the path.")


@contextlib.contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turn whatever the disk refuses inside this block into a StorageError about `path`."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, path) from error


def sync(path: Path) -> None:
    """Make a file's bytes, or a folder's entries, survive a power cut."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folders
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, data: Any, is_synced: bool = True) -> None:
    """Write plain data as readable JSON; not atomic: write into a staging folder, or rename.

    Several files are kept safe faster by writing all of them first and then calling `sync` for each.
    """
    with path.open("w", encoding="utf-8") as file:
        json.dump(data, file, indent=2, ensure_ascii=False, allow_nan=False)
        file.write("\n")
        if is_synced:
            file.flush()
            os.fsync(file.fileno())
