"""A run is a folder: everything about it lies in `<home>/runs/<id>/`, so that it can be zipped and handed in.

spec.json     what was asked for           events.jsonl   what happened (the truth about the run)
about.json    its race and its creation    checkpoints/   what is needed to go on
lock          held while a worker lives    artifact/      the tuned weights
labels.json   owner, name and tags
stop          there once a person wants it to stop
"""

import difflib
import json
import re
import secrets
import shutil
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from workbench.errors import MissingRunError, RunError, WorkbenchError
from workbench.runs.labels import FILE as LABELS
from workbench.runs.labels import Labels
from workbench.runs.liveness import hold
from workbench.runs.storage import storing, sync, write_json
from workbench.spec import RunSpec

ID = re.compile(r"\d{8}-\d{6}-[a-z0-9_]{1,40}-[0-9a-f]{4}")
_DISCARDED = ".deleted-"
RACE = re.compile(r"\d{8}-\d{6}-race-[0-9a-f]{4}")


@dataclass(frozen=True)
class About:
    """Where a run comes from: its id, its race, its place in it, and when it was created (UTC, ISO 8601)."""

    run: str
    race: str
    order: int
    created: str


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run; its name is the run's id."""

    path: Path

    @property
    def id(self) -> str:
        """For example 20261123-121500-lora-3f2a: UTC time, method, four random digits."""
        return self.path.name

    @property
    def journal(self) -> Path:
        """The file of the run's events."""
        return self.path / "events.jsonl"

    @property
    def checkpoints(self) -> Path:
        """The folder of what is needed to go on."""
        return self.path / "checkpoints"

    @property
    def artifact(self) -> Path:
        """The folder of the tuned weights, there once the run is finished."""
        return self.path / "artifact"

    @property
    def is_stop_wanted(self) -> bool:
        """Whether a person asked this run to stop."""
        return (self.path / "stop").exists()

    def spec(self) -> RunSpec:
        """What was asked for.

        Raises:
            RunError: spec.json is missing or damaged.
        """
        try:
            return RunSpec.from_json(json.loads((self.path / "spec.json").read_text(encoding="utf-8")))
        except WorkbenchError as error:
            raise RunError(f"The spec.json of run {self.id} is not a run: {error.message}") from error
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise RunError(f"The spec.json of run {self.id} cannot be read: {error}.") from error

    def about(self) -> About:
        """The run's race, place and creation time; a run without that file is a race of its own."""
        try:
            return About(**json.loads((self.path / "about.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return About(self.id, self.id, 0, "")

    def ask_to_stop(self) -> None:
        """Leave a word for the worker, which looks for it at every step; resuming takes it back."""
        with storing(self.path / "stop"):
            (self.path / "stop").touch()

    def forget_stop(self) -> None:
        """Take the word back, before the run goes on."""
        with storing(self.path / "stop"):
            (self.path / "stop").unlink(missing_ok=True)


def runs_of(home: Path) -> Path:
    """The folder that holds the run folders."""
    return home / "runs"


def create_race(specs: Sequence[RunSpec], home: Path, owner: str = "") -> list[RunFolder]:
    """Make a folder for every run of a race, whole or not at all; the one place that reads clock and chance.

    `owner` is whoever starts the race, where that matters.

    Raises:
        StorageError: the home is full or cannot be written.
    """
    runs, moment = runs_of(home), datetime.now(UTC)
    race, created = _fresh_id(moment, "race", ()), moment.isoformat(timespec="seconds")
    staged: list[Path] = []
    folders: list[RunFolder] = []
    with storing(runs):
        runs.mkdir(parents=True, exist_ok=True)
        taken = {path.name.removeprefix(".new-") for path in runs.iterdir()}
        try:
            for order, spec in enumerate(specs):
                about = About(_fresh_id(moment, spec.method.name, taken), race, order, created)
                taken.add(about.run)
                staged.append(runs / f".new-{about.run}")
                _fill(staged[-1], spec, about, owner)
            for path in [file for stage in staged for file in (*stage.iterdir(), stage)]:
                sync(path)
            for stage in staged:
                folders.append(RunFolder(stage.rename(stage.with_name(stage.name.removeprefix(".new-")))))
            sync(runs)
        except BaseException:
            for path in [*staged, *(folder.path for folder in folders)]:
                shutil.rmtree(path, ignore_errors=True)
            raise
    return folders


def _fresh_id(moment: datetime, word: str, taken: Collection[str]) -> str:
    word = re.sub(r"[^a-z0-9_]+", "_", word.lower())[:40] or "run"
    while (identity := f"{moment:%Y%m%d-%H%M%S}-{word}-{secrets.token_hex(2)}") in taken:
        pass
    return identity


def _fill(stage: Path, spec: RunSpec, about: About, owner: str) -> None:
    """Write a hidden folder; renaming it afterwards is what creates the run, so none is ever half made."""
    stage.mkdir()
    write_json(stage / "spec.json", spec.to_json(), is_synced=False)
    write_json(stage / "about.json", asdict(about), is_synced=False)
    if owner:
        write_json(stage / LABELS, asdict(Labels(owner=owner)), is_synced=False)


def adopt_run(spec: RunSpec, about: About, home: Path) -> RunFolder:
    """The folder of a run of another machine, under its own id: made, or brought to this spec.

    Raises:
        StorageError: the home is full or cannot be written.
    """
    folder = RunFolder(runs_of(home) / about.run)
    stage = folder.path.with_name(f".new-{about.run}-{secrets.token_hex(2)}")
    with storing(folder.path):
        if not folder.path.exists():
            folder.path.parent.mkdir(parents=True, exist_ok=True)
            _fill(stage, spec, about, "")
            stage.rename(folder.path)
        elif folder.spec() != spec:
            write_json(stage, spec.to_json())
            stage.replace(folder.path / "spec.json")
    return folder


def list_runs(home: Path) -> list[RunFolder]:
    """All runs, oldest first; what is no run folder is passed over."""
    runs = runs_of(home)
    if not runs.is_dir():
        return []
    paths = sorted(path for path in runs.iterdir() if ID.fullmatch(path.name) and path.is_dir())
    return [RunFolder(path) for path in paths]


def find_run(name: str, home: Path) -> RunFolder:
    """The run of this id, or the only one whose id begins with (else contains) this text.

    Raises:
        RunError: there is none, or there are several.
    """
    folders = list_runs(home)
    whole = [folder for folder in folders if folder.id == name]
    begun = [folder for folder in folders if folder.id.startswith(name)]
    found = whole or begun or [folder for folder in folders if name in folder.id]
    if len(found) == 1 and name:
        return found[0]
    if found and name:
        ids = ", ".join(folder.id for folder in found[:4]) + (", ..." if len(found) > 4 else "")
        raise RunError(f"{name!r} fits {len(found)} runs: {ids}.", "Type a few more letters.")
    near = difflib.get_close_matches(name, [folder.id for folder in folders], n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else "`workbench runs list` shows what there is."
    raise MissingRunError(f"There is no run {name!r} in {runs_of(home)}.", hint)


def find_runs(name: str, home: Path) -> list[RunFolder]:
    """The runs of the race with this id in their order in it, or else the one run that `find_run` finds."""
    if RACE.fullmatch(name):
        of_race = [folder for folder in list_runs(home) if folder.about().race == name]
        if of_race:
            return sorted(of_race, key=lambda folder: folder.about().order)
    return [find_run(name, home)]


def delete_run(folder: RunFolder) -> None:
    """Remove a run for good; its id vanishes at once, so a kill half-way leaves no half run.

    Raises:
        RunError: its worker lives.
        StorageError: the folder cannot be written.
    """
    discarded = discard_run(folder)
    with storing(folder.path):
        shutil.rmtree(discarded)


def discard_run(folder: RunFolder) -> Path:
    """Take a run out of sight, from where `bring_back` fetches it until `purge` removes it.

    Raises:
        RunError: its worker lives.
        StorageError: the folder cannot be written.
    """
    lock = hold(folder.path)
    discarded = folder.path.with_name(f"{_DISCARDED}{folder.id}")
    try:
        with storing(folder.path):
            shutil.rmtree(discarded, ignore_errors=True)  # the same run, deleted before it was taken in again
            return folder.path.replace(discarded)
    finally:
        lock.release()


def bring_back(run: str, home: Path) -> RunFolder:
    """Undo `discard_run`.

    Raises:
        RunError: it is not there any more.
    """
    path, discarded = runs_of(home) / run, runs_of(home) / f"{_DISCARDED}{run}"
    if not ID.fullmatch(run) or not discarded.is_dir() or path.exists():
        raise MissingRunError(f"Run {run[:60]!r} cannot be brought back.", "It was removed for good.")
    with storing(path):
        return RunFolder(discarded.replace(path))


def purge(home: Path) -> None:
    """Remove for good what was discarded."""
    for path in runs_of(home).glob(f"{_DISCARDED}*"):
        shutil.rmtree(path, ignore_errors=True)
