"""Checkpoints: everything needed to go on, on disk whole or not at all.

checkpoints/step-000150/   tensors.safetensors   weights that can move, optimizer moments, generators
                           state.json            the rest of the state
                           manifest.json         size and SHA-256 of both; written last

A checkpoint is filled under a hidden name, synced, then renamed, so a kill leaves a folder that no reader
looks at and the checkpoint before untouched. The last two whole ones are kept.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.runs.folder import RunFolder
from workbench.runs.storage import storage_error, storing, sync, write_json

if TYPE_CHECKING:
    from torch import Tensor

    from workbench.methods.contract import Method, Tuned
    from workbench.training.state import State

KEPT = 2
_NAME = re.compile(r"step-(\d+)")
_TENSORS, _STATE, _MANIFEST = "tensors.safetensors", "state.json", "manifest.json"
_CHUNK = 1 << 20


def write_checkpoint(folder: Path, step: int, tensors: "Mapping[str, Tensor]", facts: Mapping[str, Any]) -> Path:
    """Save a state into `folder` as step-<step>, then drop all but the last two.

    Raises:
        StorageError: the disk is full or cannot be written; the checkpoints before are as they were.
    """
    target = folder / f"step-{step:06d}"

    def fill(draft: Path) -> None:
        _save_tensors(draft / _TENSORS, tensors)
        write_json(draft / _STATE, facts)
        write_json(
            draft / _MANIFEST, {"step": step, "files": {name: _seal(draft / name) for name in (_TENSORS, _STATE)}}
        )

    put_folder(target, fill)
    with storing(folder):
        for path in _newest_first(folder)[KEPT:]:
            if path != target:
                _discard(path)
        for rest in [*folder.glob(".gone-*"), *folder.glob(".tmp-*")]:
            shutil.rmtree(rest, ignore_errors=True)
    return target


def put_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write into a hidden folder, then give it its name; a folder of that name is replaced.

    A kill between the two renames of a replacement leaves the former one as `.old-<name>`, which
    `restore` brings back.

    Raises:
        StorageError: the disk is full or cannot be written.
    """
    draft, former = target.with_name(f".tmp-{target.name}"), target.with_name(f".old-{target.name}")
    with storing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(draft, ignore_errors=True)
        try:
            draft.mkdir()
            fill(draft)
            _sync_all(draft)
            restore(target)
            if target.exists():
                target.replace(former)
            draft.replace(target)
            sync(target.parent)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            restore(target)
            raise
        shutil.rmtree(former, ignore_errors=True)


def restore(target: Path) -> None:
    """Undo a replacement that a kill broke off."""
    former = target.with_name(f".old-{target.name}")
    if former.exists():
        if target.exists():
            shutil.rmtree(former, ignore_errors=True)
        else:
            former.replace(target)


def newest_checkpoint(folder: Path) -> Path | None:
    """The latest checkpoint whose every byte is as it was written."""
    if folder.is_dir():
        for former in folder.glob(".old-*"):
            restore(folder / former.name.removeprefix(".old-"))
    return next((path for path in _newest_first(folder) if is_whole(path)), None)


def read_checkpoint(path: Path) -> "tuple[dict[str, Tensor], dict[str, Any]]":
    """The tensors (on the CPU) and the facts of a whole checkpoint."""
    from safetensors.torch import load_file

    return load_file(path / _TENSORS), json.loads((path / _STATE).read_text(encoding="utf-8"))


def is_whole(path: Path) -> bool:
    """Whether the checkpoint's files have the sizes and hashes of its manifest."""
    try:
        seals = json.loads((path / _MANIFEST).read_bytes())["files"]
        return set(seals) == {_TENSORS, _STATE} and all(_seal(path / name) == seals[name] for name in seals)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _newest_first(folder: Path) -> list[Path]:
    found = [(int(match[1]), path) for path in folder.glob("step-*") if (match := _NAME.fullmatch(path.name))]
    return [path for _, path in sorted(found, reverse=True)]


def _seal(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "sha256": digest}


def _save_tensors(path: Path, tensors: "Mapping[str, Tensor]") -> None:
    """Write tensors from any device; views of one memory (tied weights) are written out each."""
    from safetensors.torch import save_file

    taken: set[int] = set()
    plain: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        moved = tensor.detach().cpu().contiguous()
        memory = moved.untyped_storage().data_ptr()
        plain[name] = moved.clone() if memory in taken else moved
        taken.add(memory)
    with _tensor_errors(path):
        save_file(plain, path)


@contextlib.contextmanager
def _tensor_errors(path: Path) -> Iterator[None]:
    """The safetensors library writes from Rust and folds the system's error number into a text."""
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        number = re.search(r"os error (\d+)", str(error))
        cause = OSError(int(number[1]), os.strerror(int(number[1]))) if number else OSError(str(error))
        raise storage_error(cause, path) from error


def _sync_all(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        sync(path)


def _discard(path: Path) -> None:
    """Remove a checkpoint; hidden first, so that a kill half-way leaves no half checkpoint in sight."""
    doomed = path.with_name(f".gone-{path.name}")
    path.replace(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


class FolderStore:
    """Where one run keeps what training hands it: the store that `workbench.training.state` asks for."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder

    def save_checkpoint(self, step: int, state: "State") -> str:
        """Save everything needed to go on after `step`; returns the place, relative to the run folder.

        Raises:
            StorageError: the disk is full or cannot be written.
        """
        path = write_checkpoint(self.folder.checkpoints, step, state.tensors, state.facts)
        return path.relative_to(self.folder.path).as_posix()

    def load_checkpoint(self) -> "State | None":
        """The state of the last whole checkpoint, its tensors on the CPU; None where there is none."""
        from workbench.training.state import State

        path = newest_checkpoint(self.folder.checkpoints)
        if path is None:
            return None
        tensors, facts = read_checkpoint(path)
        return State(*read_checkpoint(path))

    def save_artifact(self, tuned: "Tuned", method: "Method") -> str:
        """Save what was learned; returns the place, relative to the run folder.

        Raises:
            StorageError: the disk is full or cannot be written.
        """
        from workbench.methods.artifact import save_artifact

        with _tensor_errors(self.folder.artifact):
            put_folder(self.folder.artifact, lambda draft: save_artifact(tuned, method, draft))
        return self.folder.artifact.name
