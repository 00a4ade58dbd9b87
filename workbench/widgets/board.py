"""The board of a race: it moves while the runs learn, and stays as a picture and a table when all is over."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import WorkbenchError
from workbench.history import History
from workbench.report.race import model_name, shown, task_name
from workbench.runs.folder import RunFolder, find_runs
from workbench.runs.summary import read_history, summarise
from workbench.spec import RunSpec
from workbench.views.contract import ShownRun
from workbench.views.metrics import alone
from workbench.views.text import one_line
from workbench.widgets.following import Following, Here, Source
from workbench.widgets.picture import as_image, curves_picture, described
from workbench.widgets.screen import Screen
from workbench.widgets.still import Still, put, replace, shell
from workbench.widgets.tables import failures_html, metrics_html, results_html, results_text, safe, samples_html

log = logging.getLogger(__name__)

PAUSE = 0.25  # seconds between two looks at the journals
PATIENCE = 2.0  # seconds between two looks where nothing has happened for a while
IDLE = 30.0  # seconds after which that is so


class Board:
    """Runs of a race, live: `wait()` for the end, `stop()` them, or just look.

    It is shown in the cell that makes it or names it. A thread follows the runs' journals, so the kernel is free for
    other cells; the runs themselves are at work in another process, and go on when the kernel ends.
    """

    def __init__(self, folders: Sequence[RunFolder], source: Source | None = None) -> None:
        self.folders = list(folders)
        self._source = source or Here()
        self._following = Following(self.folders, self._source)
        specs = [folder.spec() for folder in self.folders]
        self._shown: list[ShownRun] = shown(specs, self._following.histories)
        self.title = f"{task_name(specs[0].task)} on {model_name(specs[0].model)}"
        self._screen = Screen(self.title, self._shown, self.stop, self._on_seen)
        self._places: list[str] = []  # outputs that show this board
        self._cell: object = None  # the one that showed it last
        self._over, self._closing, self._drawing = threading.Event(), threading.Event(), threading.Lock()
        self._is_stopping = False
        self._following.read()
        self._take({folder.id for folder in self.folders})
        if not self._over.is_set():
            threading.Thread(target=self._follow, name="board", daemon=True).start()

    @property
    def runs(self) -> "list[Run]":
        """Its runs, in the order in which they were named."""
        return [Run(folder) for folder in self.folders]

    @property
    def histories(self) -> dict[str, History]:
        """What was measured so far, by the name that each run has on the board."""
        return {run.label: run.history for run in self._shown}

    @property
    def is_over(self) -> bool:
        """Whether every run has ended, whichever way."""
        return self._over.is_set()

    def stop(self) -> None:
        """Ask every run to stop after its current step; each keeps a checkpoint, so none of the work is lost."""
        if self._over.is_set():
            return
        self._is_stopping = True
        for folder, history in zip(self.folders, self._following.histories, strict=True):
            if history.state in ("queued", "running"):
                folder.ask_to_stop()
        self._draw(set())

    def wait(self, seconds: float | None = None) -> None:
        """Keep this cell busy until every run has ended, or for so many seconds."""
        if self._over.wait(seconds):
            self._keep()

    def close(self) -> None:
        """Stop following the runs, which go on."""
        self._closing.set()

    def _follow(self) -> None:
        """Read the journals on until everything has ended: the board's thread."""
        latest = time.monotonic()
        try:
            while not self._over.is_set():
                idle = time.monotonic() - latest > IDLE
                if self._closing.wait(PATIENCE if idle else PAUSE):
                    return
                if (changed := self._following.read()) or self._source.told != self._screen.note:
                    latest = time.monotonic()
                    self._take(changed)
            self._keep()
        except Exception:
            log.exception("The board of %s cannot go on.", self.folders[0].id)
            self._screen.heading.value = "This board cannot go on; the runs do. The reason is in the log."

    def _take(self, changed: set[str]) -> None:
        """Draw what is new of these runs, and note whether that was the end."""
        self._draw(changed)
        if self._following.is_over:
            self._over.set()

    def _draw(self, changed: set[str]) -> None:
        with self._drawing:
            self._screen.draw(changed, self._is_stopping, self._source.told)

    def _keep(self) -> None:
        """Put the last state into the outputs, which is what a saved notebook holds."""
        bundle = self._bundle()
        for name in self._places:
            replace(name, bundle)

    def _on_seen(self) -> None:
        """Bring the widget back where word of the front end came only after the end, behind a cell that waited."""
        if self._over.is_set():
            self._keep()

    def _after_cell(self, result: object) -> None:
        """Keep the end once more in a cell of its own: programs that execute notebooks pass over what threads say."""
        if self._over.is_set():
            shell().events.unregister("post_run_cell", self._after_cell)
            if not self._screen.is_seen:
                self._keep()

    def _bundle(self) -> dict[str, Any]:
        """Widget and still; only the still once all is over and no front end ever drew the widget."""
        is_dead = self._over.is_set() and not self._screen.is_seen
        return self.still().bundle(None if is_dead else self._screen.box)

    def still(self) -> Still:
        """What the board shows at this moment, as a picture, as tables and as text."""
        live = f"this was its state when the cell ran; {self._source.again}[-1].board() shows it live"
        told = " ".join(["over" if self.is_over else live, self._source.told]).strip()
        numbers = results_html(self._shown) + metrics_html(alone(self._shown))
        html = f"<p><b>{safe(self.title)}</b>, {safe(told)}</p>{numbers}{failures_html(self._shown)}"
        text = f"{self.title}\n{results_text(self._shown)}"
        image = as_image(curves_picture(self._shown))
        return Still(text, html + samples_html(self._shown), image, described(self._shown))

    def _ipython_display_(self) -> None:
        """Show the board, once in a cell: `wb.race` shows it already where its value is the cell's."""
        running = shell()
        cell = running.execution_count if running else None
        if cell is not None and cell == self._cell:
            return
        if running and not self._places:
            running.events.register("post_run_cell", self._after_cell)
        self._cell = cell
        self._places.append(put(self._bundle()))

    def __repr__(self) -> str:
        """The table, for plain Python and logs."""
        return self.still().text


@dataclass(frozen=True)
class Run:
    """A run as a notebook holds it: what was asked for, what was measured, and its board."""

    folder: RunFolder

    @property
    def id(self) -> str:
        """The name of its folder; `workbench runs show` takes it too."""
        return self.folder.id

    @property
    def spec(self) -> RunSpec:
        """What was asked for."""
        return self.folder.spec()

    @property
    def history(self) -> History:
        """What was measured up to this moment."""
        return read_history(self.folder)

    @property
    def state(self) -> str:
        """queued, running, finished, stopped, failed, interrupted or damaged."""
        return self.history.state

    @property
    def results(self) -> dict[str, Any]:
        """What it came to, as plain data."""
        return summarise(self.folder)

    def board(self) -> Board:
        """The board of the race that it is part of, live where the race still goes."""
        return Board(find_runs(self.folder.about().race, self.folder.path.parent.parent))

    def stop(self) -> None:
        """Ask it to stop after its current step."""
        self.folder.ask_to_stop()

    def cells(self) -> list[str]:
        """Its row in a list: id, model, task, method, state and held-out loss."""
        history = self.history
        is_halfway = history.state not in ("finished", "queued", "damaged") and history.steps
        state = f"{history.state} {history.step}/{history.steps}" if is_halfway else history.state
        loss = f"{history.evaluations[-1][1]:.3f}" if history.evaluations else "-"
        try:
            spec = self.spec
        except WorkbenchError:
            return [self.id, "", "", "", "damaged", "-"]
        return [self.id, model_name(spec.model), task_name(spec.task), one_line(spec.method), state, loss]

    def __repr__(self) -> str:
        """Id and state."""
        return f"<run {self.id}, {self.state}>"
