"""The journal of a run: one JSON line an event, appended only, the truth about the run.

What survives: an event is acknowledged when `append` returns, and its line is then with the operating
system, so a kill -9 loses no acknowledged event. A power cut may lose those since the last sync, which
happens at the run's start, at every checkpoint and at its end. A line cut short by a kill was never
acknowledged: readers stop before it, and the next writer cuts it off.
"""

import contextlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.errors import RunError
from workbench.events import EVENTS, Checkpointed, Event, Failed, Finished, Started, Stopped, from_record, to_record
from workbench.runs.storage import storage_error, storing, sync

TERMINAL = (Finished, Stopped, Failed)
_SYNCED = (Started, Checkpointed, *TERMINAL)


class Journal:
    """The writer; one at a time, which the folder's lock sees to. `last` is the latest event on file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last: Event | None = None
        with storing(path):
            is_fresh = not path.exists()
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            if is_fresh:
                sync(path.parent)
        self._size = -1
        try:
            self._mend()
        except BaseException:
            self.close()
            raise

    @property
    def is_over(self) -> bool:
        """Whether the latest event is one that ends a run."""
        return isinstance(self.last, TERMINAL)

    @property
    def next_seq(self) -> int:
        """The number that the next event gets."""
        return 0 if self.last is None else self.last.seq + 1

    def append(self, event: Event) -> Event:
        """Acknowledge an event: give it the next `seq`, put it on file and return it.

        Raises:
            StorageError: the disk refused; the file then ends with the event before.
        """
        self.catch_up()
        return self._put(replace(event, seq=self.next_seq))

    def copy(self, event: Event) -> None:
        """Take over an event of another machine's journal under its own `seq`; one that is here already stays out.

        Raises:
            StorageError: the disk refused; the file then ends with the event before.
        """
        self.catch_up()
        if event.seq >= self.next_seq:
            self._put(event)

    def _put(self, event: Event) -> Event:
        # pure ASCII: a sample may hold half a character, which UTF-8 could not carry
        data = json.dumps(to_record(event), allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"
        try:
            self._write(data)
            if isinstance(event, _SYNCED):
                os.fsync(self._handle)
        except OSError as error:
            with contextlib.suppress(OSError):  # what is left over is cut by the next append
                os.ftruncate(self._handle, self._size)
            raise storage_error(error, self.path) from error
        self._size, self.last = self._size + len(data), event
        return event

    def catch_up(self) -> None:
        """Take in what an append left that an interrupt or a full disk broke into."""
        if os.lseek(self._handle, 0, os.SEEK_END) != self._size:
            self._mend()

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._handle, data) :]

    def _mend(self) -> None:
        """Cut what stands after the last whole line, and learn where the journal ends."""
        data = self.path.read_bytes()
        self._size = data.rfind(b"\n") + 1
        if self._size < len(data):
            with storing(self.path):
                os.ftruncate(self._handle, self._size)
        lines = data[: self._size].split(b"\n")[:-1]
        known = (parse(line, self.path) for line in reversed(lines))
        self.last = next((event for event in known if event is not None), None)

    def close(self) -> None:
        """Let go of the file; a second time does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def parse(line: bytes, path: Path) -> Event | None:
    """Read one line; None for a kind of event that only a newer version knows.

    Raises:
        RunError: the line is no event.
    """
    try:
        record = json.loads(line)
        return from_record(record) if record["event"] in EVENTS else None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RunError(f"The journal {path} is damaged: {line[:60]!r} is not an event.") from error


@dataclass
class Tail:
    """A reader that goes on where it stopped: `offset` is its cursor in bytes, kept across processes at will.

    Only what follows the last whole line is ever cut from a journal, so an offset never goes stale.
    """

    path: Path
    offset: int = 0

    def read(self) -> list[Event]:
        """The whole events since the last look; none where the journal does not exist yet.

        Raises:
            RunError: a whole line is no event.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                data = file.read()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise RunError(f"The journal {self.path} cannot be read: {error.strerror}.") from error
        whole = data[: data.rfind(b"\n") + 1]
        events = [event for line in whole.split(b"\n")[:-1] if (event := parse(line, self.path)) is not None]
        self.offset += len(whole)
        return events


def read_events(path: Path, after: int = -1) -> list[Event]:
    """All events whose `seq` is greater than `after`."""
    return [event for event in Tail(path).read() if event.seq > after]
