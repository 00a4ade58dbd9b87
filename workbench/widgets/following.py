"""Following runs: what their journals say, read on and on, whoever writes them and wherever."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from workbench.errors import RunError
from workbench.history import History, fold
from workbench.log import log_path
from workbench.runs.folder import RunFolder
from workbench.runs.journal import Tail
from workbench.runs.liveness import is_alive

OVER = ("finished", "stopped", "failed", "interrupted", "damaged")


class Source(Protocol):
    """Where runs come from, as far as it can be told.

    `told` is a sentence about it while there is something to say, `again` the code that lists its runs.
    """

    again: str

    @property
    def told(self) -> str:
        """What there is to say at this moment."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more can come of runs that have not begun."""

    def expects(self, run: str) -> bool:
        """Whether more will come of a run though nobody holds its folder at this moment."""

    def hint(self, run: str, has_begun: bool) -> str:
        """What to try with a run that broke off, or that never began."""


@dataclass
class Here:
    """Runs of this machine; `worker` is their process, where this process started it."""

    worker: "subprocess.Popen[bytes] | None" = None
    again: str = "wb.runs()"
    told: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether their process is known to have ended."""
        return self.worker is not None and self.worker.poll() is not None

    def expects(self, run: str) -> bool:
        """A worker that lives holds the folder."""
        return False

    def hint(self, run: str, has_begun: bool) -> str:
        """The command that goes on with the run."""
        command = f"`workbench runs resume {run}`"
        if has_begun:
            return f"Go on from its last checkpoint: {command}."
        return f"The reason is in {log_path()}; start it again with {command}."


@dataclass
class Following:
    """Some runs and their histories, which grow at each `read`."""

    folders: Sequence[RunFolder]
    source: Source = field(default_factory=Here)
    histories: list[History] = field(init=False)

    def __post_init__(self) -> None:
        self.histories = [History(folder.id) for folder in self.folders]
        self._tails = [Tail(folder.journal) for folder in self.folders]

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come of any run, as far as can be told."""
        return all(history.state in OVER for history in self.histories)

    def read(self) -> set[str]:
        """Take in what was written since the last look; returns the ids of the runs of which something was."""
        has_ended = self.source.has_ended  # before the journals are read
        changed = set()
        for folder, tail, history in zip(self.folders, self._tails, self.histories, strict=True):
            before = (history.seq, history.state)
            alive = is_alive(folder.path)  # before the journal: a worker that ends in between has then ended it
            try:
                fold(tail.read(), history)
                self._note_life(history, alive, has_ended)
            except RunError as error:
                history.state, history.error, history.hint = "damaged", error.message, error.hint
            if (history.seq, history.state) != before:
                changed.add(folder.id)
        return changed

    def _note_life(self, history: History, alive: bool, has_ended: bool) -> None:
        """The one thing no journal can tell: whether somebody is at work in the run."""
        if history.state in ("queued", "interrupted") and alive:
            history.state = "running"
        elif history.state == "running" and not alive and not self.source.expects(history.run):
            history.state, history.hint = "interrupted", self.source.hint(history.run, has_begun=True)
        elif history.state == "queued" and has_ended:
            history.state, history.error = "failed", "The race's process ended before this run began."
            history.hint = self.source.hint(history.run, has_begun=False)
