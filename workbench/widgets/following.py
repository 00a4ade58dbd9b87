"""Following runs: what their journals say, read on and on, whoever writes them and wherever."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.errors import RunError
from workbench.history import History, fold
from workbench.log import log_path
from workbench.runs.folder import RunFolder
from workbench.runs.journal import Tail
from workbench.runs.liveness import is_alive

OVER = ("finished", "stopped", "failed", "interrupted", "damaged")


@dataclass
class Following:
    """Some runs and their histories, which grow at each `read`.

    `worker` is the process that was started for them, where this process started it.
    """

    folders: Sequence[RunFolder]
    worker: "subprocess.Popen[bytes] | None" = None
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
        has_ended = self.worker is not None and self.worker.poll() is not None  # before the journals are read
        changed = set()
        for folder, tail, history in zip(self.folders, self._tails, self.histories, strict=True):
            before = (history.seq, history.state)
            alive = is_alive(folder.path)  # before the journal: a worker that ends in between has then ended it
            try:
                fold(tail.read(), history)
                _note_life(history, alive, has_ended)
            except RunError as error:
                history.state, history.error, history.hint = "damaged", error.message, error.hint
            if (history.seq, history.state) != before:
                changed.add(folder.id)
        return changed


def _note_life(history: History, alive: bool, has_ended: bool) -> None:
    """The one thing no journal can tell: whether somebody is at work in the run."""
    if history.state in ("queued", "interrupted") and alive:
        history.state = "running"
    elif history.state == "running" and not alive:
        history.state, history.hint = "interrupted", f"Go on from its last checkpoint: {resuming(history.run)}."
    elif history.state == "queued" and has_ended:
        history.state, history.error = "failed", "The race's process ended before this run began."
        history.hint = f"The reason is in {log_path()}; start it again with {resuming(history.run)}."


def resuming(run: str) -> str:
    """The command that goes on with a run."""
    return f"`workbench runs resume {run}`"
