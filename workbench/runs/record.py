"""Races that leave a trace: every event is in its run's journal before anyone sees it."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Protocol

from workbench.errors import RunError, StorageError, WorkbenchError
from workbench.events import Event, Failed, Stopped
from workbench.runs.checkpoint import FolderStore
from workbench.runs.extend import has_steps_left
from workbench.runs.folder import RunFolder, create_race
from workbench.runs.journal import TERMINAL, Journal
from workbench.runs.liveness import Lock, hold
from workbench.runs.summary import read_history
from workbench.spec import RunSpec


class Race(Protocol):
    """What `workbench.training.race.race` is: a generator of the events of several runs."""

    def __call__(
        self,
        specs: Sequence[RunSpec],
        runs: Sequence[str],
        stores: Sequence[FolderStore],
        should_stop: Callable[[str], bool],
        /,
    ) -> Iterator[Event]:
        """Yield the events of all runs; one that `should_stop` names ends and the others go on."""


def record(specs: Sequence[RunSpec], home: Path, race: Race | None = None) -> Iterator[Event]:
    """Create the run folders of a race and perform it; the folders exist when this returns.

    Raises:
        StorageError: the home is full or cannot be written.
    """
    return perform(create_race(specs, home), race)


def resume(folders: Sequence[RunFolder], race: Race | None = None) -> Iterator[Event]:
    """Go on with runs that were stopped, failed or interrupted, race by race.

    Each goes on from its last whole checkpoint, from step 0 where there is none, in the same journal.

    Raises:
        RunError: a run is finished, or is going right now.
    """
    for folder in folders:
        if not has_steps_left(folder):
            raise RunError(f"Run {folder.id} is finished.", "It can be given more steps with --add-steps.")
        if read_history(folder).state == "running":
            raise RunError(f"Run {folder.id} is going right now.", "Stop it first: `workbench runs stop`.")
    for folder in folders:
        folder.forget_stop()
    ordered = sorted(folders, key=lambda folder: (folder.about().race, folder.about().order))
    races = [list(group) for _, group in groupby(ordered, key=lambda folder: folder.about().race)]
    return _one_after_the_other(races, race)


def _one_after_the_other(races: Sequence[Sequence[RunFolder]], race: Race | None) -> Iterator[Event]:
    for folders in races:
        yield from perform(folders, race)


def perform(folders: Sequence[RunFolder], race: Race | None = None) -> Iterator[Event]:
    """Run a race in its folders and yield its events, each journaled before.

    A run that cannot be journaled (the disk is full) fails alone. Closing the generator, or Ctrl-C,
    journals `Stopped` for every run that was going; an error that the race could not handle, `Failed`.

    Raises:
        RunError: another process is at work in one of the folders.
    """
    with ExitStack() as stack:
        desk = _Desk({folder.id: stack.enter_context(_claimed(folder)) for folder in folders})
        try:
            yield from _drive(folders, desk, race or _training_race())
        except WorkbenchError as error:
            desk.end(Failed, error=error.message, hint=error.hint)
            raise
        except Exception as error:
            fault = f"The workbench itself failed: {type(error).__name__}: {error}"
            desk.end(Failed, error=fault, hint="Please report it, with the command you gave.")
            raise
        except BaseException:  # Ctrl-C, or the reader closed the generator: nothing may be yielded any more
            desk.end(Stopped)
            raise
        yield from desk.end(Failed, error="The race ended without a word about this run.", hint="Resume the run.")


def _drive(folders: Sequence[RunFolder], desk: "_Desk", race: Race) -> Iterator[Event]:
    specs, stores = [folder.spec() for folder in folders], [FolderStore(folder) for folder in folders]
    events = race(specs, [folder.id for folder in folders], stores, desk.should_stop)
    try:
        for event in events:
            if (taken := desk.take(event)) is not None:
                yield taken
    finally:
        if close := getattr(events, "close", None):
            close()


def _training_race() -> Race:
    from workbench.training.race import race

    return race


@dataclass
class _Seat:
    """A run at work: its folder, this process's claim on it, and its journal."""

    folder: RunFolder
    lock: Lock
    journal: Journal
    is_taken: bool = True

    def leave(self) -> None:
        """Give the run free, once: afterwards another process may be at work in it."""
        if self.is_taken:
            self.is_taken = False
            with contextlib.suppress(StorageError):
                self.folder.forget_stop()
            self.journal.close()
            self.lock.release()

    def end(self, kind: type[Event], **words: str) -> Event:
        """Journal a last event; where the disk refuses even that, the run lists as interrupted."""
        last = self.journal.last or Event(self.folder.id, -1)
        event = kind(self.folder.id, self.journal.next_seq, last.step, last.seconds, **words)
        try:
            return self.journal.append(event)
        except StorageError:
            return event


@contextlib.contextmanager
def _claimed(folder: RunFolder) -> Iterator[_Seat]:
    lock = hold(folder.path)
    try:
        seat = _Seat(folder, lock, Journal(folder.journal))
    except BaseException:
        lock.release()
        raise
    try:
        yield seat
    finally:
        seat.leave()


@dataclass
class _Desk:
    """The runs still at work, by id; a run leaves when it ends."""

    seats: dict[str, _Seat]

    def should_stop(self, run: str) -> bool:
        """Whether this run should not go on: a person said so, or it failed here."""
        seat = self.seats.get(run)
        return seat is None or seat.folder.is_stop_wanted

    def take(self, event: Event) -> Event | None:
        """Journal an event and return it with its `seq`; None for a run that failed here before."""
        seat = self.seats.get(event.run)
        if seat is None:
            return None
        try:
            event = seat.journal.append(event)
        except StorageError as error:
            event = seat.end(Failed, error=error.message, hint=error.hint)
        if isinstance(event, TERMINAL):
            self.seats.pop(event.run).leave()
        return event

    def end(self, kind: type[Event], **words: str) -> list[Event]:
        """Give every run that is still at work its last event, and its folder free."""
        endings = []
        for run, seat in list(self.seats.items()):
            seat.journal.catch_up()
            if not seat.journal.is_over:
                endings.append(seat.end(kind, **words))
            del self.seats[run]
            seat.leave()
        return endings
