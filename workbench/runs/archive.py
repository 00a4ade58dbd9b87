"""A run as a zip file: written to be handed in, read with suspicion, since anyone may have made it."""

import os
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import RunError
from workbench.methods.artifact import PEFT_CONFIG, WEIGHTS
from workbench.methods.head import FILE as HEAD_WEIGHTS
from workbench.runs.folder import RunFolder, runs_of
from workbench.runs.screening import screen
from workbench.runs.storage import storing, sync

_PART = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}"
_KNOWN = re.compile(
    r"spec\.json|about\.json|events\.jsonl"
    rf"|artifact/({_PART}/){{0,3}}{_PART}\.(json|safetensors|txt|md|model|jinja)"
    r"|checkpoints/step-\d{1,9}/(tensors\.safetensors|state\.json|manifest\.json)"
)
_LITTER = re.compile(r"(.*/)?(__MACOSX/.*|\.DS_Store|Thumbs\.db|desktop\.ini)")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
_CHUNK = 1 << 20
_HINT = "Ask for a file made by `workbench runs export`."


@dataclass(frozen=True)
class Limits:
    """What a handed-in zip may hold; a text journal shrinks about twenty-fold, a bomb a thousand-fold."""

    files: int = 200
    bytes: int = 4 << 30
    text_bytes: int = 256 << 20  # of one file that is read as text
    ratio: int = 200
    ratio_free_bytes: int = 1 << 20  # files this small may shrink as they like


def export_run(folder: RunFolder, target: Path, with_checkpoints: bool = False, overwrite: bool = False) -> Path:
    """Write the run as a zip file, appearing whole or not at all; checkpoints only if asked (they are large).

    Raises:
        RunError: `target` exists and shall not be overwritten.
        StorageError: it cannot be written.
    """
    if target.exists() and not overwrite:
        raise RunError(f"{target} exists already.", "Give another file name, or overwrite it with --force.")
    with storing(target):
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        draft = Path(name)
        try:
            with (
                os.fdopen(handle, "wb") as file,
                zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive,
            ):
                for path, inside in _contents(folder, with_checkpoints):
                    archive.write(path, f"{folder.id}/{inside}")
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    return target


def _contents(folder: RunFolder, with_checkpoints: bool) -> Iterator[tuple[Path, str]]:
    """The known files; never the lock, since closing it here would drop the claim of this very process."""
    for path in sorted(folder.path.rglob("*")):
        inside = path.relative_to(folder.path).as_posix()
        wanted = with_checkpoints or not inside.startswith("checkpoints/")
        if wanted and _KNOWN.fullmatch(inside) and path.is_file() and not path.is_symlink():
            yield path, inside


def kind_of_weights(folder: RunFolder) -> str:
    """What `export_artifact` copies: "peft" for a PEFT folder, "plain" for weights by name, "" where nothing moved."""
    if (folder.artifact / PEFT_CONFIG).is_file():
        return "peft"
    return "plain" if any((folder.artifact / name).is_file() for name in (WEIGHTS, HEAD_WEIGHTS)) else ""


def export_artifact(folder: RunFolder, target: Path) -> Path:
    """Copy the tuned weights alone, for PEFT methods an ordinary PEFT folder.

    Raises:
        RunError: the run kept no weights yet, or `target` exists.
        StorageError: it cannot be written.
    """
    if not folder.artifact.is_dir():
        raise RunError(f"Run {folder.id} has no tuned weights.", "They are there once a run that trains is finished.")
    if target.exists():
        raise RunError(f"{target} exists already.", "Give another folder name.")
    with storing(target):
        draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
        try:
            shutil.copytree(folder.artifact, draft / "artifact")
            (draft / "artifact").replace(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return target


def import_run(file: Path, home: Path, limits: Limits | None = None) -> RunFolder:
    """Take a handed-in zip in as a run; nothing of it is kept unless all of it is in order.

    Raises:
        RunError: the file is no zip of a run, holds something that does not belong in one, is too
            large, or its run is there already.
        StorageError: the home is full or cannot be written.
    """
    runs = runs_of(home)
    with storing(runs):
        runs.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(dir=runs, prefix=".import-"))
    try:
        _unpack(file, stage, limits or Limits())
        identity = screen(stage)
        with storing(runs):
            return _admit(stage, runs / identity)
    except RunError as error:
        raise RunError(f"{file.name} was not imported: {error.message}", error.hint or _HINT) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _admit(stage: Path, target: Path) -> RunFolder:
    """Give a screened folder its name among the runs."""
    if target.exists():
        raise RunError(f"run {target.name} is here already.", "Delete or export that one first.")
    stage.chmod(0o755)
    sync(stage)
    stage.rename(target)  # refuses a run that appeared meanwhile, since no run folder is empty
    sync(target.parent)
    return RunFolder(target)


def _unpack(file: Path, stage: Path, limits: Limits) -> None:
    """Write the known files of a zip into `stage`, counting what really comes out of it."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = _screen_entries(archive.infolist(), limits)
            room = limits.bytes
            for entry, inside in entries:
                room -= _unpack_entry(archive, entry, stage / inside, min(room, entry.file_size))
    except OSError as error:
        raise RunError(f"it cannot be read ({error.strerror or error}).") from error
    except _BROKEN as error:
        raise RunError(f"it is no whole zip file ({error}).") from error


def _unpack_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, room: int) -> int:
    written = 0
    with storing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as source, target.open("xb") as copy:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > room:  # the table of contents lied about the size
                    raise RunError(f"{entry.filename[:80]!r} is larger than the zip says.")
                copy.write(chunk)
    return written


def _screen_entries(entries: list[zipfile.ZipInfo], limits: Limits) -> list[tuple[zipfile.ZipInfo, str]]:
    """Pair every entry with its place in the run folder, before anything is written."""
    files = [entry for entry in entries if not entry.is_dir() and not _LITTER.fullmatch(entry.filename)]
    if len(files) > limits.files:
        raise RunError(f"it holds {len(files)} files, but allowed are {limits.files}.")
    if sum(entry.file_size for entry in files) > limits.bytes:
        raise RunError(f"it unpacks to more than the {limits.bytes:,} bytes that are allowed.")
    top = _top_folder(files)
    placed = [(entry, entry.filename.removeprefix(top)) for entry in files]
    for entry, inside in placed:
        _screen_entry(entry, inside, limits)
    if len({inside.lower() for _, inside in placed}) < len(placed):
        raise RunError("it holds the same file twice.")
    return placed


def _top_folder(files: list[zipfile.ZipInfo]) -> str:
    """`<folder>/` when everything lies in one folder, as zip programs like to have it."""
    spec = next((entry.filename for entry in files if entry.filename.rsplit("/", 1)[-1] == "spec.json"), "")
    top = spec.removesuffix("spec.json")
    return top if top.count("/") == 1 and all(entry.filename.startswith(top) for entry in files) else ""


def _screen_entry(entry: zipfile.ZipInfo, inside: str, limits: Limits) -> None:
    shown = repr(entry.filename[:80])
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise RunError(f"{shown} is a link or a device, not a file.")
    if not _KNOWN.fullmatch(inside):
        raise RunError(f"{shown} does not belong in a run folder.")
    if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise RunError(f"{shown} is encrypted or packed in an unusual way.")
    if not inside.endswith(".safetensors") and entry.file_size > limits.text_bytes:
        raise RunError(f"{shown} is larger than the {limits.text_bytes:,} bytes allowed for a text.")
    if entry.file_size > limits.ratio_free_bytes and entry.file_size > limits.ratio * max(1, entry.compress_size):
        raise RunError(f"{shown} unpacks to more than {limits.ratio} times its size, as a zip bomb does.")
