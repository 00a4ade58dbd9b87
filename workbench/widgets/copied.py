"""Run folders of this machine that hold what a server tells of a race: one writer, and locks that say who lives.

A folder is held, as by a worker, while the server says that its run is going or its journal has no end yet.
"""

import threading
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from workbench.errors import RunError
from workbench.events import from_record
from workbench.runs.folder import ID, About, RunFolder, adopt_run, runs_of
from workbench.runs.journal import Journal
from workbench.runs.liveness import Lock, hold
from workbench.runs.screening import is_event
from workbench.runs.storage import storing
from workbench.spec import RunSpec
from workbench.widgets.following import OVER


class NotOurs(Exception):
    """What was told is not what a workbench tells."""


class Copied:
    """The copy of a race in `folders` below `cache`; `states` are those of the runs as they were told last."""

    def __init__(self, cache: Path, race: str) -> None:
        self.cache = cache
        self.race = race
        self.folders: list[RunFolder] = []
        self.states: dict[str, str] = {}
        self.cursor = 0
        self.lock = threading.RLock()
        self._claim: Lock | None = None
        self._locks: dict[str, Lock] = {}
        self._journals: dict[str, Journal] = {}

    @property
    def is_over(self) -> bool:
        """Whether every run was told to have ended."""
        return bool(self.states) and all(state in OVER for state in self.states.values())

    @property
    def is_whole(self) -> bool:
        """Whether every run was, and its journal says so too."""
        return self.is_over and all(self._journal(folder.id).is_over for folder in self.folders)

    @property
    def is_claimed(self) -> bool:
        """Whether this process is the one that writes."""
        return self._claim is not None

    def claim(self, seconds: float = 0.0) -> bool:
        """Become the one that writes; waits so long for another process that does, and returns whether it worked."""
        place, end = self.cache / "mirrors" / self.race, time.monotonic() + seconds
        with self.lock, storing(place):
            place.mkdir(parents=True, exist_ok=True)
            while self._claim is None:
                try:
                    self._claim = hold(place)
                except RunError:
                    if time.monotonic() >= end:
                        return False
                    time.sleep(0.05)
        return True

    def lay_out(self, board: Any) -> None:
        """A folder for each run of the race as the server describes it, with its spec as it is there.

        Raises:
            NotOurs: that is no description; StorageError: the disk refuses.
        """
        try:
            runs, created = [str(row["run"]) for row in board["runs"]], str(board["created"])
            specs = [RunSpec.from_json(spec) for spec in board["specs"]]
            abouts = [About(run, self.race, place, created) for place, run in enumerate(runs)]
        except (KeyError, TypeError, AttributeError):
            raise NotOurs from None
        if not runs or len(runs) != len(specs) or not all(ID.fullmatch(run) for run in runs):
            raise NotOurs
        self.folders = [adopt_run(spec, about, self.cache) for spec, about in zip(specs, abouts, strict=True)]

    def take(self, message: Any) -> bool:
        """Write down a message of the live socket; returns whether there were events in it.

        A run is held before its events can be seen, since one that goes and that nobody holds has lost its worker.

        Raises:
            NotOurs: that is no message; StorageError: the disk refuses.
        """
        known = {folder.id for folder in self.folders}
        try:
            events = [from_record(record) for record in message["events"] if _is_of(record, known)]
            states = {str(row["run"]): str(row["state"]) for row in message["runs"] if row.get("run") in known}
            upto = int(message["upto"])
        except (KeyError, TypeError, ValueError, AttributeError):
            raise NotOurs from None
        with self.lock:
            for run in {event.run for event in events} | {run for run, state in states.items() if state == "running"}:
                self._hold(run)
            for event in events:
                self._journal(event.run).copy(event)
            self.cursor, self.states = max(self.cursor, upto), states
            for run in list(self._locks):
                if states.get(run) != "running" and self._journal(run).is_over:
                    self._locks.pop(run).release()
        return bool(message["events"])

    def release(self) -> None:
        """Let go of everything that is held; the claim last."""
        with self.lock:
            for journal in self._journals.values():
                journal.close()
            for lock in self._locks.values():
                lock.release()
            self._journals, self._locks = {}, {}
            if self._claim:
                self._claim.release()
            self._claim = None

    def _hold(self, run: str) -> None:
        if run not in self._locks:
            self._locks[run] = hold(runs_of(self.cache) / run)

    def _journal(self, run: str) -> Journal:
        if run not in self._journals:
            self._journals[run] = Journal(RunFolder(runs_of(self.cache) / run).journal)
        return self._journals[run]


def _is_of(record: Any, runs: Collection[str]) -> bool:
    """Whether this is an event of one of these runs that this version knows."""
    return isinstance(record, Mapping) and is_event(record) and record["run"] in runs
