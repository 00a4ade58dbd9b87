"""Keeps the index in step with the run folders: reads what the journals of going runs gained, notes who died."""

import json
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from workbench.errors import RunError
from workbench.events import Event, Stepped, to_record
from workbench.history import History, fold
from workbench.runs.folder import RunFolder, list_runs
from workbench.runs.journal import Tail
from workbench.runs.labels import Labels, read_labels
from workbench.runs.liveness import is_alive
from workbench.runs.summary import summary
from workbench.spec import RunSpec
from workbench.store.index import Entry, Index, Record

log = logging.getLogger(__name__)

LOOK = 0.05  # seconds between looks at the journals of going runs
LIVENESS = 1.0  # seconds between questions whether their workers live


class Keeper:
    """A thread that reads journals into the index; `on_news` hears the races in which something happened."""

    def __init__(self, home: Path, index: Index, on_news: Callable[[set[str]], None] | None = None) -> None:
        self.home = home
        self.index = index
        self.on_news = on_news or (lambda races: None)
        self._desk: dict[str, _Reader] = {}
        self._lock = threading.RLock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)

    def open(self) -> None:
        """Take in what happened while nobody looked, then go on looking."""
        self.catch_up()
        self._thread.start()

    def close(self) -> None:
        """Look once more and end."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(5)
        self.look()

    def catch_up(self) -> None:
        """Make the index agree with the folders: new ones, longer journals, and those that are gone."""
        folders = {folder.id: folder for folder in list_runs(self.home)}
        for entry in self.index.entries():
            if entry.run not in folders:
                self.index.drop(entry.run)
        for folder in folders.values():
            self.watch(folder)
        self.look(ask_liveness=True)

    def watch(self, folder: RunFolder) -> None:
        """Take a run in, and read its journal from now on until it ends; one that cannot be read is passed over."""
        with self._lock:
            try:
                reader = _Reader(folder, self.index)
            except RunError as error:
                log.warning("A run folder was passed over: %s", error)
                return
            if not reader.is_done:
                self._desk[folder.id] = reader

    def forget(self, run: str) -> None:
        """A run is deleted."""
        with self._lock:
            self._desk.pop(run, None)
            self.index.drop(run)

    def wait_again(self, folder: RunFolder) -> None:
        """A run that broke off, or got more steps, waits to go on."""
        with self._lock:
            self._desk.pop(folder.id, None)
            reader = _Reader(folder, self.index)
            reader.wait()
            self._desk[folder.id] = reader
        self.on_news({reader.entry.race})

    def settle(self, folders: Iterable[RunFolder]) -> None:
        """The worker of these runs ended: read their last words, and note those that it never came to."""
        with self._lock:
            self.look(ask_liveness=True)
            for folder in folders:
                reader = self._desk.get(folder.id)
                if reader and reader.entry.state == "queued":
                    self.index.put(reader.became("interrupted", "Its worker died before it began."))
                    del self._desk[folder.id]
                    self.on_news({reader.entry.race})

    def relabel(self, run: str, labels: Labels) -> None:
        """A run got another name or other tags."""
        with self._lock:
            reader = self._desk.get(run)
            entry = reader.entry if reader else self.index.entry(run)
            if entry:
                entry = replace(entry, owner=labels.owner, name=labels.name, tags=labels.tags)
                self.index.put(entry)
                if reader:
                    reader.entry = entry

    def look(self, ask_liveness: bool = False) -> None:
        """Read what the journals gained, and with `ask_liveness` who is going and who died."""
        with self._lock:
            news = [found for reader in self._desk.values() if (found := reader.read(ask_liveness))]
            self.index.add(news)
            for run in [run for run, reader in self._desk.items() if reader.is_done]:
                del self._desk[run]
        if news:
            self.on_news({entry.race for entry, _ in news})

    def _work(self) -> None:
        rounds = 0
        while not self._closing.wait(LOOK):
            rounds += 1
            try:
                self.look(ask_liveness=rounds % round(LIVENESS / LOOK) == 0)
            except Exception as error:
                log.error("The journals could not be read.", exc_info=error)


class _Reader:
    """A run that is watched: what is known of it, and how far its journal was read."""

    def __init__(self, folder: RunFolder, index: Index) -> None:
        self.folder = folder
        self.index = index
        self.entry = index.entry(folder.id) or _first_entry(folder)
        self.spec = RunSpec.from_json(self.entry.spec) if self.entry.spec else folder.spec()
        self.tail = Tail(folder.journal, self.entry.read)
        self.history = History(folder.id)
        if self.entry.read == 0:
            index.put(self.entry)
        else:
            self._remember()

    @property
    def is_done(self) -> bool:
        """Whether nothing is to be expected of the run: it ended, or its journal cannot be read."""
        return self.entry.state == "damaged" or not (self.entry.is_active or self.has_more)

    @property
    def has_more(self) -> bool:
        """Whether the journal is longer than what was read."""
        try:
            return self.folder.journal.stat().st_size > self.tail.offset
        except OSError:
            return False

    def read(self, ask_liveness: bool) -> tuple[Entry, list[Record]] | None:
        """What is new: the run's facts and its new events, not yet in the index; None where nothing is."""
        was_alive = is_alive(self.folder.path) if ask_liveness else True  # before the journal's last word is read
        before = self.entry
        try:
            events = self.tail.read() if self.has_more else []
        except RunError as error:
            return self.became("damaged", error.message), []
        if events:
            self._take(events)
        if self.history.state == "running" and not was_alive:
            self.became("interrupted", "Its worker died; go on from its last checkpoint.")
        return (self.entry, list(_records(events))) if self.entry != before else None

    def wait(self) -> None:
        """Queue up again, with the steps that the folder's spec has now."""
        self.spec, self.history.state = self.folder.spec(), "queued"
        self.entry = replace(self.entry, spec=self.spec.to_json(), steps=self.spec.budget.steps)
        self.index.put(self.became("queued"))

    def became(self, state: str, hint: str = "") -> Entry:
        """The run is in a state that its journal does not tell."""
        self.entry = replace(self.entry, state=state, hint=hint)
        return self.entry

    def _remember(self) -> None:
        """Fold what the journal holds already; a run that waits to go on does so still."""
        try:
            fold(Tail(self.folder.journal).read(), self.history)
            if self.entry.state == "queued" and not self.has_more:
                self.history.state = "queued"
        except RunError as error:
            self.index.put(self.became("damaged", error.message))

    def _take(self, events: list[Event]) -> None:
        history = fold(events, self.history)
        is_telling = not all(isinstance(event, Stepped) for event in events)
        self.entry = replace(
            self.entry,
            state=history.state,
            step=history.step,
            steps=history.steps or self.entry.steps,  # a run that was stopped before its start told none
            seq=history.seq,
            read=self.tail.offset,
            summary=summary(self.spec, history) if is_telling else self.entry.summary,
            hint=f"{history.error} {history.hint}".strip(),
        )


def _first_entry(folder: RunFolder) -> Entry:
    about, labels, spec = folder.about(), read_labels(folder.path), folder.spec()
    return Entry(
        run=folder.id,
        race=about.race,
        place=about.order,
        created=about.created,
        owner=labels.owner,
        name=labels.name,
        tags=labels.tags,
        steps=spec.budget.steps,
        spec=spec.to_json(),
        summary=summary(spec, History(folder.id)),
    )


def _records(events: Iterable[Event]) -> Iterable[Record]:
    for event in events:
        record = json.dumps(to_record(event), separators=(",", ":"))
        yield event.step, isinstance(event, Stepped), record
