"""Data and runs that people bring: a file to learn from, a dataset of the hub, a run that was handed in."""

import re
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool

from workbench.errors import DataError, SpecError
from workbench.runs.archive import import_run
from workbench.runs.labels import Labels, write_labels
from workbench.runs.storage import storing
from workbench.server.desk import Desk
from workbench.tasks.hub_data import is_hub_path
from workbench.tasks.own_file import OwnFile, first_look
from workbench.views.text import readable

MOST_BYTES = 200_000_000
MOST_OF_AN_OWNER = 1_000_000_000  # bytes of all files together
_PLAIN = re.compile(r"[^\w.-]+")


async def keep_upload(home: Path, owner: str, name: str, stream: AsyncIterator[bytes]) -> dict[str, Any]:
    """Keep a data file under its own name in a fresh folder: {path, columns, notes}.

    Raises:
        DataError: it is too large, or cannot be read as examples; names line and column.
        StorageError: the disk refuses.
    """
    place = home / "files" / _plain(owner)
    held = sum(file.stat().st_size for file in place.rglob("*") if file.is_file()) if place.is_dir() else 0
    room = min(MOST_BYTES, MOST_OF_AN_OWNER - held)
    folder = place / secrets.token_hex(6)
    path = folder / (_plain(Path(name).name)[-80:] or "file.txt")
    try:
        await _receive(stream, path, room, _too_large(room))
        return _readable(await run_in_threadpool(first_look, OwnFile(path=str(path))))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def fetch_data(desk: Desk, knobs: dict[str, Any]) -> dict[str, Any]:
    """Bring a dataset of the hub to this machine: {path, columns, notes}. `knobs` are those of the task `own_file`.

    Raises:
        SpecError: the path is not one of the hub.
        RunError: it could not be fetched or read; says why.
    """
    path = knobs.get("path", "")
    if not is_hub_path(str(path)):
        raise SpecError("own_file:path", path, "hub:owner/name")
    *_, found = desk.ask({"kind": "fetch", "knobs": knobs})
    return _readable(found)


async def import_upload(desk: Desk, owner: str, stream: AsyncIterator[bytes]) -> str:
    """Take a zip file in as a run of this owner's; returns its id.

    Raises:
        RunError: it is no run, or is here already.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-") as place:
        file = Path(place) / "run.zip"
        await _receive(stream, file, MOST_BYTES, _too_large(MOST_BYTES))
        folder = await run_in_threadpool(import_run, file, desk.home)
        write_labels(folder.path, Labels(owner=owner))
        desk.keeper.watch(folder)
        desk.keeper.look(ask_liveness=True)
        return folder.id


def _too_large(room: int) -> DataError:
    if room < MOST_BYTES:
        return DataError(f"There is room for {max(0, room) / 1e6:.0f} MB more of your files.", "Take a part of it.")
    return DataError(f"The file is too large; allowed are {MOST_BYTES / 1e6:.0f} MB.", "Take a part of it.")


async def _receive(stream: AsyncIterator[bytes], path: Path, room: int, too_large: DataError) -> None:
    with storing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            async for part in stream:
                room -= len(part)
                if room < 0:
                    raise too_large
                file.write(part)


def _readable(look: dict[str, Any]) -> dict[str, Any]:
    return {**look, "notes": [readable(note) for note in look["notes"]]}


def _plain(name: str) -> str:
    return _PLAIN.sub("_", name).strip("._") or "file"
