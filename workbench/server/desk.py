"""What a person can do, whatever page or program they come by; every call says who asks."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.errors import MissingRunError, RunError, SpecError
from workbench.hub import is_hub_id
from workbench.jobs.dispatcher import Dispatcher
from workbench.jobs.executor import ForkExecutor
from workbench.menu.duration import Pace
from workbench.models.catalog import CATALOG
from workbench.report import Race, render, shown
from workbench.report.notebook import notebook_of
from workbench.runs.extend import extend
from workbench.runs.folder import RunFolder, bring_back, create_race, discard_run, purge, runs_of
from workbench.runs.labels import read_labels, write_labels
from workbench.runs.liveness import Lock, hold
from workbench.runs.storage import storing, write_json
from workbench.runs.summary import read_history
from workbench.server.forecast import forecast, lessons
from workbench.spec import RunSpec
from workbench.store.index import Entry, Index
from workbench.store.keeper import Keeper
from workbench.tasks.hub_data import is_hub_path
from workbench.training.check import check_race
from workbench.views.contract import ShownRun
from workbench.views.findings import findings

LOCAL = "local"  # the owner of all runs where one person has the server alone
MOST_RUNS = 16  # of one race
MOST_WAITING = 6  # races of one owner that wait


class Desk:
    """Home, index, queue and workers behind one counter. `is_class`: each owner sees their own runs only."""

    def __init__(self, home: Path, is_class: bool = False) -> None:
        """Open the home.

        Raises:
            StorageError: it cannot be written.
        """
        check_home(home)
        self.home = home
        self.is_class = is_class
        self.index = Index(home / "index.sqlite")
        self.executor = ForkExecutor(self._ready)
        self.keeper = Keeper(home, self.index, self._news)
        self.dispatcher = Dispatcher(self.executor, on_change=self._news, on_end=self.keeper.settle)
        self._lock: Lock | None = None
        self._rating = threading.Lock()
        self.listeners: list[Callable[[], None]] = []  # called when something happened, from any thread

    def claim(self) -> None:
        """Keep other servers out of this home, since its index has one writer.

        Raises:
            RunError: another one is at work in it.
        """
        try:
            self._lock = hold(self.home)
        except RunError as error:
            hint = "Stop it, or name another folder with --home."
            raise RunError(f"Another server uses {self.home}.", hint) from error

    def open(self) -> None:
        """Take in what happened while the server was down, and let the races that waited wait again."""
        purge(self.home)
        self.keeper.open()
        for entry in self.index.active():
            if entry.state == "queued":
                self.dispatcher.submit(entry.race, [self._folder(entry)], entry.owner)
        self.executor.open()

    def close(self) -> None:
        """Stop all work, keeping checkpoints, and write down how it ended."""
        self.executor.close()
        self.keeper.close()
        self.index.close()
        purge(self.home)
        if self._lock:
            self._lock.release()

    def submit(self, specs: Sequence[RunSpec], owner: str) -> str:
        """Create a race and let it begin in its turn; returns the race's id.

        Raises:
            WorkbenchError: a spec does not do, there are too many, or the disk refuses.
        """
        for spec in specs:
            self.check_reach(spec, owner)
        if not 0 < len(specs) <= MOST_RUNS:
            raise SpecError("runs of a race", len(specs), f"1 to {MOST_RUNS}")
        waiting = {entry.race for entry in self.index.active() if entry.owner == owner and entry.state == "queued"}
        if len(waiting) >= MOST_WAITING:
            raise RunError(f"{len(waiting)} of your races wait already.", "Stop one of them, or wait for one to begin.")
        folders = create_race([part.spec for part in check_race(specs)], self.home, owner)
        for folder in folders:
            self.keeper.watch(folder)
        race = folders[0].about().race
        self.dispatcher.submit(race, folders, owner)
        return race

    def check_reach(self, spec: RunSpec, owner: str) -> None:
        """In a class nobody reads the server's files: own data is uploaded or of the hub, models of catalog or hub.

        Raises:
            SpecError: the spec names another file or folder.
        """
        if not self.is_class:
            return
        path = spec.task.knobs.get("path")
        uploaded = (self.home / "files" / owner).resolve()
        is_known = path is None or is_hub_path(str(path)) or Path(str(path)).resolve().is_relative_to(uploaded)
        if not is_known:
            raise SpecError("own_file:path", path, "a file that you uploaded here, or hub:owner/name")
        self._check_model(spec.model)

    def _check_model(self, model: str) -> None:
        is_local = not is_hub_id(model) or Path(model).exists()
        if self.is_class and is_local and model not in CATALOG:
            raise SpecError("model", model, "a model of the list, or a hub id")

    def stop(self, runs: Sequence[str], owner: str) -> None:
        """Stop these runs; those that have ended already stay as they are.

        Raises:
            RunError: one is not there, or somebody else's.
        """
        for entry in self._own(runs, owner):
            if entry.is_active:
                self.dispatcher.stop(self._folder(entry))

    def go_on(self, runs: Sequence[str], owner: str) -> None:
        """Go on with runs that were stopped, failed or interrupted, from their last checkpoints.

        Raises:
            RunError: one is not there, somebody else's, going or finished.
            SpecError: in a class, one needs a file or folder of the server.
        """
        entries = self._own(runs, owner)
        for entry in entries:
            if entry.is_active or entry.state == "finished":
                raise RunError(f"Run {entry.run} is {entry.state}.", "Only a run that broke off can go on.")
            self.check_reach(RunSpec.from_json(entry.spec), owner)  # one that was handed in may name any file
        self._queue_again(entries, owner)

    def extend(self, runs: Sequence[str], owner: str, steps: int) -> None:
        """Give those of the runs that train so many steps more, and go on with them.

        Raises:
            RunError: one is not there, somebody else's, going, or has nothing to go on from.
            SpecError: too few or too many steps; in a class, one needs a file or folder of the server.
        """
        entries = self._own(runs, owner)
        for entry in entries:
            self.check_reach(RunSpec.from_json(entry.spec), owner)
        longer = {folder.id for folder in extend([self._folder(entry) for entry in entries], steps)}
        self._queue_again([entry for entry in entries if entry.run in longer], owner)

    def _queue_again(self, entries: Sequence[Entry], owner: str) -> None:
        for race in dict.fromkeys(entry.race for entry in entries):
            folders = [self._folder(entry) for entry in entries if entry.race == race]
            for folder in folders:
                self.keeper.wait_again(folder)
            self.dispatcher.submit(race, folders, owner)

    def label(self, run: str, owner: str, name: str | None = None, tags: Sequence[str] | None = None) -> None:
        """Give a run a name or tags.

        Raises:
            RunError: it is not there, or somebody else's; SpecError: the name or a tag is too long.
        """
        (entry,) = self._own([run], owner)
        folder = self._folder(entry)
        labels = read_labels(folder.path)
        labels = replace(labels, name=labels.name if name is None else name.strip())
        labels = replace(labels, tags=labels.tags if tags is None else tuple(tag.strip() for tag in tags))
        write_labels(folder.path, labels)
        self.keeper.relabel(run, labels)

    def delete(self, runs: Sequence[str], owner: str) -> None:
        """Remove runs; until the server ends they can be brought back.

        Raises:
            RunError: one is not there, somebody else's, or going.
        """
        entries = self._own(runs, owner)
        for entry in entries:
            if entry.is_active:
                raise RunError(f"Run {entry.run} is {entry.state}.", "Stop it first.")
        for entry in entries:
            discard_run(self._folder(entry))
            self.keeper.forget(entry.run)

    def restore(self, runs: Sequence[str], owner: str) -> None:
        """Bring runs back that were deleted since the server started.

        Raises:
            RunError: one was removed for good, or is somebody else's.
        """
        for run in runs:
            folder = bring_back(run, self.home)
            if self.is_class and read_labels(folder.path).owner != owner:
                discard_run(folder)
                raise MissingRunError(f"There is no run {run[:60]!r}.", "The Runs tab lists yours.")
            self.keeper.watch(folder)
        self.keeper.look(ask_liveness=True)

    def entries(self, owner: str, race: str | None = None) -> list[Entry]:
        """The runs that this owner may see, all or those of a race: the newest race first."""
        return [entry for entry in self.index.entries(race) if self._may(entry, owner)]

    def active(self, owner: str) -> list[Entry]:
        """Those of them that wait or are going, the oldest first."""
        return [entry for entry in self.index.active() if self._may(entry, owner)]

    def folder(self, run: str, owner: str) -> RunFolder:
        """The folder of a run.

        Raises:
            RunError: it is not there, or somebody else's.
        """
        return self._folder(self._own([run], owner)[0])

    def forecast(self, specs: Sequence[RunSpec], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """What a race of these specs would take; `rows` are their estimates."""
        pace = Pace(**self.executor.pace) if self.executor.pace else None
        return forecast(specs, rows, pace, lessons(self.index.entries(), pace) if pace else ())

    def shown(self, runs: Sequence[str], owner: str) -> list[ShownRun]:
        """These runs with everything that was measured, as pictures show them.

        Raises:
            RunError: one is not there, or somebody else's.
        """
        folders = [self._folder(entry) for entry in self._own(runs, owner)]
        return shown([folder.spec() for folder in folders], [read_history(folder) for folder in folders])

    def report(self, race: str, owner: str) -> str:
        """The HTML report of a race.

        Raises:
            RunError: it is not there, or somebody else's.
        """
        specs, runs = self._race(race, owner)
        histories = [run.history for run in runs]
        device = next((f"{history.device} {history.precision}" for history in histories if history.device), "unknown")
        return render(Race(tuple(specs), tuple(runs), {"Device": device}))

    def notebook(self, run: str, owner: str) -> str:
        """A notebook that repeats a finished run.

        Raises:
            RunError: it is not there, somebody else's, or not finished.
            SpecError: in a class, it needs a file or folder of the server.
        """
        folder = self.folder(run, owner)
        self.check_reach(folder.spec(), owner)
        return notebook_of(folder)

    def findings(self, race: str, owner: str) -> list[str]:
        """Sentences that the numbers of a race bear out.

        Raises:
            RunError: it is not there, or somebody else's.
        """
        return findings(self._race(race, owner)[1])

    def states(self, race: str) -> list[dict[str, Any]]:
        """State, place in the queue and hint of every run of a race."""
        place = self.dispatcher.places().get(race, 0)
        is_warm = self.executor.is_ready
        return [
            {"run": run, "state": state, "place": place if state == "queued" else 0, "hint": hint, "is_warm": is_warm}
            for run, state, hint in self.index.states(race)
        ]

    def may_watch(self, race: str, owner: str) -> bool:
        """Whether this owner may see a race."""
        return bool(self.entries(owner, race))

    def look(self, spec: RunSpec, owner: str) -> dict[str, Any]:
        """Examples of a spec's task as the model sees them.

        Raises:
            WorkbenchError: the spec does not do, or nobody could look.
        """
        self.check_reach(spec, owner)
        return next(self.ask({"kind": "look", "spec": spec.to_json()}))

    def rates(self, spec: RunSpec, owner: str) -> dict[str, Any]:
        """How the loss of a run falls while its learning rate grows, and the rate to try.

        Raises:
            WorkbenchError: the spec does not do, another range test is going, or nobody could do it.
        """
        self.check_reach(spec, owner)
        if not self._rating.acquire(blocking=False):  # it trains beside the queue, so one at a time
            raise RunError("Another range test is going.", "Try again in a minute.")
        try:
            return next(self.ask({"kind": "rates", "spec": spec.to_json()}))
        finally:
            self._rating.release()

    def ask(self, what: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Have a worker do something that needs the model, and yield what it says; see `jobs/kinds.py`.

        Raises:
            RunError: it could not be done; says why.
            SpecError: in a class, the model is a folder of the server.
        """
        if "model" in what:
            self._check_model(what["model"])
        return self.executor.ask(what)

    def _race(self, race: str, owner: str) -> tuple[list[RunSpec], list[ShownRun]]:
        runs = [entry.run for entry in self.entries(owner, race)]
        if not runs:
            raise MissingRunError(f"There is no race {race[:60]!r}.", "The Runs tab lists what there is.")
        return [RunSpec.from_json(entry.spec) for entry in self._own(runs, owner)], self.shown(runs, owner)

    def _ready(self) -> None:
        self.dispatcher.advance()

    def _news(self, races: set[str] | None = None) -> None:
        for listener in self.listeners:
            listener()

    def _folder(self, entry: Entry) -> RunFolder:
        return RunFolder(runs_of(self.home) / entry.run)

    def _may(self, entry: Entry, owner: str) -> bool:
        return not self.is_class or entry.owner == owner

    def _own(self, runs: Sequence[str], owner: str) -> list[Entry]:
        entries = [self.index.entry(run) for run in runs]
        for run, entry in zip(runs, entries, strict=True):
            if entry is None or not self._may(entry, owner):
                raise MissingRunError(f"There is no run {run[:60]!r}.", "The Runs tab lists yours.")
        return [entry for entry in entries if entry is not None]


def check_home(home: Path) -> None:
    """Make the home, and see that it can be written.

    Raises:
        StorageError: it is read-only, full or no folder.
    """
    probe = home / ".probe"
    with storing(home):
        home.mkdir(parents=True, exist_ok=True)
    with storing(home):
        write_json(probe, {"room": "x" * 4096})
        probe.unlink()
