"""Takes races in, lets them begin in a fair order, one at a time, and ends them when a person wants it."""

import contextlib
import itertools
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from workbench.errors import RunError, StorageError
from workbench.events import Stopped
from workbench.jobs.executor import ForkExecutor, Job
from workbench.jobs.fair import Waiting, in_order
from workbench.runs.folder import RunFolder
from workbench.runs.journal import Journal
from workbench.runs.liveness import hold

log = logging.getLogger(__name__)


@dataclass
class Queued:
    """Runs of one race that wait to begin, or to go on, together."""

    owner: str
    place: int
    folders: list[RunFolder] = field(default_factory=list)


@dataclass(frozen=True)
class Part:
    """Runs of one race that go, or wait, together."""

    race: str
    runs: tuple[str, ...]


class Dispatcher:
    """The queue before the executor.

    `on_change` is called whenever the order of those that wait changed, `on_end` with the runs of a worker that ended.
    """

    def __init__(
        self,
        executor: ForkExecutor,
        on_change: Callable[[], None] | None = None,
        on_end: Callable[[Sequence[RunFolder]], None] | None = None,
    ) -> None:
        self.executor = executor
        self.on_change = on_change or (lambda: None)
        self.on_end = on_end or (lambda folders: None)
        self._lock = threading.RLock()
        self._places = itertools.count()
        self._turns = itertools.count()
        self._queue: dict[str, Queued] = {}
        self._served: dict[str, int] = {}
        self._going: tuple[str, Queued, Job] | None = None

    def submit(self, race: str, folders: Sequence[RunFolder], owner: str) -> None:
        """Let these runs of a race begin, or go on, when their turn has come."""
        with self._lock:
            queued = self._queue.setdefault(race, Queued(owner, next(self._places)))
            known = {folder.id for folder in queued.folders}
            queued.folders += [folder for folder in folders if folder.id not in known]
        self.advance()

    def stop(self, folder: RunFolder) -> None:
        """End a run: one that is going keeps a checkpoint after its current step, one that waits leaves the queue.

        Raises:
            RunError: it neither waits nor is going.
        """
        with self._lock:
            for race, queued in list(self._queue.items()):
                if folder in queued.folders:
                    queued.folders.remove(folder)
                    if not queued.folders:
                        del self._queue[race]
                    _stop_before_the_start(folder)
                    break
            else:
                if not self._going or folder not in self._going[1].folders:
                    raise RunError(f"Run {folder.id} is not going.", "It has ended already.")
                folder.ask_to_stop()
        self.on_change()

    def places(self) -> dict[str, int]:
        """For each race that waits its place in the queue, 1 for the next one."""
        with self._lock:
            return {waiting.job: place for place, waiting in enumerate(self._order(), start=1)}

    def line(self) -> tuple[Part | None, list[Part]]:
        """What is going, and what waits in the order in which it will begin."""
        with self._lock:
            going = _part(*self._going[:2]) if self._going else None
            return going, [_part(waiting.job, self._queue[waiting.job]) for waiting in self._order()]

    @property
    def going(self) -> str | None:
        """The race that is going."""
        return self._going[0] if self._going else None

    def advance(self) -> None:
        """Begin with the next race where the device is free."""
        with self._lock:
            order = self._order()
            if order and self._going is None and self.executor.is_ready:
                self._begin(order[0].job)
        self.on_change()

    def _order(self) -> list[Waiting]:
        waiting = [Waiting(race, queued.owner, queued.place) for race, queued in self._queue.items()]
        return in_order(waiting, self._served)

    def _begin(self, race: str) -> None:
        queued = self._queue[race]
        able, later = _alike(queued.folders)
        for folder in able:
            with contextlib.suppress(StorageError):
                folder.forget_stop()
        what = {"kind": "race", "folders": [str(folder.path) for folder in able]}
        try:
            job = self.executor.start(what, self._ended)
        except RunError:
            return  # it stays in the queue; the executor says when it is ready again
        if later:
            queued.folders = later
        else:
            del self._queue[race]
        self._served[queued.owner] = next(self._turns)
        self._going = (race, Queued(queued.owner, queued.place, able), job)

    def _ended(self, code: int) -> None:
        with self._lock:
            ended, self._going = self._going, None
        if ended:
            if code:
                log.warning("The worker of race %s ended with %s.", ended[0], code)
            self.on_end(ended[1].folders)
        self.advance()


def _alike(folders: Sequence[RunFolder]) -> tuple[list[RunFolder], list[RunFolder]]:
    """Those that can train side by side with the first, and the others: some may have got more steps."""
    steps = [_steps(folder) for folder in folders]
    able = [folder for folder, count in zip(folders, steps, strict=True) if count == steps[0]]
    return able, [folder for folder in folders if folder not in able]


def _steps(folder: RunFolder) -> int:
    try:
        return folder.spec().budget.steps
    except RunError:
        return 0  # its worker will say what is wrong with it


def _part(race: str, queued: Queued) -> Part:
    return Part(race, tuple(folder.id for folder in queued.folders))


def _stop_before_the_start(folder: RunFolder) -> None:
    """Write into the journal of a run that nobody works on that it is stopped."""
    try:
        lock = hold(folder.path)
    except (RunError, StorageError):
        folder.ask_to_stop()
        return
    try:
        journal = Journal(folder.journal)
        step = journal.last.step if journal.last else 0
        journal.append(Stopped(folder.id, journal.next_seq, step))
        journal.close()
    finally:
        lock.release()
