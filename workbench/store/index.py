"""All runs and their events in one SQLite file: for lists, for pages, and for readers that come late.

The run folders are the truth; the index can be deleted and is made again from them. The server is its only writer
(SQLite before 3.51.3 could lose a write-ahead log that several writers reset), so one connection and one lock do.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from workbench.errors import StorageError

VERSION = 1  # another one: the file is made anew
MOST_STEPS = 500  # of one run in a replay: more cannot be told apart on a screen
ACTIVE = ("queued", "running")

SCHEMA = """
CREATE TABLE runs (
    run TEXT PRIMARY KEY, race TEXT NOT NULL, place INTEGER NOT NULL, created TEXT NOT NULL,
    owner TEXT NOT NULL, name TEXT NOT NULL, tags TEXT NOT NULL,
    state TEXT NOT NULL, step INTEGER NOT NULL, steps INTEGER NOT NULL, seq INTEGER NOT NULL,
    read INTEGER NOT NULL, spec TEXT NOT NULL, summary TEXT NOT NULL, hint TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX runs_of_a_race ON runs (race, place);
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, race TEXT NOT NULL, step INTEGER NOT NULL,
    stepped INTEGER NOT NULL, record TEXT NOT NULL
);
CREATE INDEX events_of_a_race ON events (race, number);
"""


@dataclass(frozen=True)
class Entry:
    """One run as the index knows it; `spec` and `summary` are plain data.

    `read` is how many bytes of its journal are in; `place` is its place in the race.
    """

    run: str
    race: str
    place: int
    created: str
    owner: str = ""
    name: str = ""
    tags: tuple[str, ...] = ()
    state: str = "queued"
    step: int = 0
    steps: int = 0
    seq: int = -1
    read: int = 0
    spec: Mapping[str, Any] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
    hint: str = ""

    @property
    def is_active(self) -> bool:
        """Whether the run waits or is going."""
        return self.state in ACTIVE


_COLUMNS = tuple(entry.name for entry in fields(Entry))
_AS_JSON = ("tags", "spec", "summary")
PUT = f"INSERT OR REPLACE INTO runs ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' for _ in _COLUMNS)})"
Record = tuple[int, bool, str]  # an event's step, whether it is an optimizer step, and its JSON


class Index:
    """The table of runs and the numbered list of their events; safe to use from several threads of one process."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            StorageError: it cannot be written.
        """
        self.path = path
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = self._open()
        except (sqlite3.Error, OSError) as error:
            raise StorageError(f"{path} cannot be written ({error}).", "Choose another folder with --home.") from error

    def put(self, entry: Entry) -> None:
        """Add a run, or take its new facts."""
        self.add([(entry, ())])

    def add(self, news: Iterable[tuple[Entry, Iterable[Record]]]) -> None:
        """Take the new facts and the new events of several runs, all or nothing."""
        sql = "INSERT INTO events (run, race, step, stepped, record) VALUES (?, ?, ?, ?, ?)"
        with self._lock, self._connection as connection:
            for entry, records in news:
                connection.execute(PUT, _to_row(entry))
                connection.executemany(sql, [(entry.run, entry.race, *record) for record in records])

    def drop(self, run: str) -> None:
        """Forget a run and its events."""
        with self._lock, self._connection as connection:
            connection.execute("DELETE FROM events WHERE run = ?", (run,))
            connection.execute("DELETE FROM runs WHERE run = ?", (run,))

    def entry(self, run: str) -> Entry | None:
        """What is known of one run."""
        return next(iter(self._entries("WHERE run = ?", (run,))), None)

    def entries(self, race: str | None = None) -> list[Entry]:
        """All runs, or those of a race: the newest race first, each in its own order."""
        if race is not None:
            return self._entries("WHERE race = ? ORDER BY place", (race,))
        return self._entries("ORDER BY created DESC, race DESC, place", ())

    def active(self) -> list[Entry]:
        """Runs that wait or are going, the oldest first."""
        return self._entries("WHERE state IN (?, ?) ORDER BY created, race, place", ACTIVE)

    def events_after(self, number: int, race: str, most: int = 2000) -> tuple[int, list[str]]:
        """The events of a race after a number, as JSON texts, and the number of the last of them.

        Of a run's many optimizer steps only some are taken, evenly spaced, the same ones whenever they are asked for.
        """
        sql = """
            SELECT events.number, events.record FROM events JOIN runs USING (run)
            WHERE events.race = ? AND events.number > ?
              AND (NOT stepped OR events.step = 1 OR events.step % (1 + runs.steps / ?) = 0)
            ORDER BY events.number LIMIT ?
        """
        with self._lock:
            rows = self._connection.execute(sql, (race, number, MOST_STEPS, most)).fetchall()
        return (rows[-1][0] if rows else number), [record for _, record in rows]

    def newest(self, race: str) -> int:
        """The number of the latest event of a race, 0 where there is none."""
        sql = "SELECT coalesce(max(number), 0) FROM events WHERE race = ?"
        with self._lock:
            return int(self._connection.execute(sql, (race,)).fetchone()[0])

    def states(self, race: str) -> list[tuple[str, str, str]]:
        """(run, state, hint) of every run of a race, in its order; quicker than the whole entries."""
        sql = "SELECT run, state, hint FROM runs WHERE race = ? ORDER BY place"
        with self._lock:
            return self._connection.execute(sql, (race,)).fetchall()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, check_same_thread=False)
        if _version(connection) != VERSION:
            connection.close()
            for path in self.path.parent.glob(f"{self.path.name}*"):
                path.unlink()
            connection = sqlite3.connect(self.path, check_same_thread=False)
            connection.executescript(SCHEMA)
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")  # the journals are the truth; a power cut costs a rebuild
        return connection

    def _entries(self, condition: str, values: Sequence[Any]) -> list[Entry]:
        with self._lock:
            rows = self._connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM runs {condition}", values).fetchall()
        return [_from_row(row) for row in rows]


def _version(connection: sqlite3.Connection) -> int:
    """The version of an index file; -1 where it is damaged, which costs a rebuild."""
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.OperationalError:  # locked, or not to be read: another fault than damage
        raise
    except sqlite3.DatabaseError:
        return -1


def _to_row(entry: Entry) -> list[Any]:
    values = {name: getattr(entry, name) for name in _COLUMNS}
    return [json.dumps(value) if name in _AS_JSON else value for name, value in values.items()]


def _from_row(row: Sequence[Any]) -> Entry:
    values = dict(zip(_COLUMNS, row, strict=True))
    values |= {name: json.loads(values[name]) for name in _AS_JSON}
    return Entry(**values | {"tags": tuple(values["tags"])})
