"""What a forked worker does: one job, heard by the warm parent as long as it lives."""

import contextlib
import logging
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.jobs.kinds import KINDS
from workbench.jobs.wire import Message, Wire

if TYPE_CHECKING:
    from workbench.jobs.warmth import Warmth

log = logging.getLogger(__name__)

BEAT = 1.0  # seconds between signs of life
SILENCE = 30.0  # seconds without one after which a worker is taken for stopped
PATIENCE = 40.0  # seconds without progress after which it is taken for stuck, once its pace is known
PACE = 10  # times the longest pause so far is no cause for worry
NICENESS = 5  # below the server, which answers people


class Pulse:
    """Signs of life to the warm parent, as long as the job makes progress.

    A thread sends them, so a stopped process falls silent; so does one whose parent died, which ends it. Where
    `progress` was called before and then not for far longer than ever, the thread falls silent as well.
    """

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.lock = threading.Lock()
        self.longest = 0.0
        self.latest: float | None = None

    def start(self) -> None:
        """Begin to beat."""
        threading.Thread(target=self._beat, daemon=True).start()

    def progress(self) -> None:
        """Something was achieved."""
        now = time.monotonic()
        if self.latest is not None:
            self.longest = max(self.longest, now - self.latest)
        self.latest = now

    def say(self, message: Message) -> None:
        """Send a message to the server."""
        with self.lock:
            self.wire.send(message)

    def is_stuck(self) -> bool:
        """Whether far more time has passed without progress than ever before."""
        if self.latest is None:
            return False
        return time.monotonic() - self.latest > max(PATIENCE, PACE * self.longest)

    def _beat(self) -> None:
        while not self.is_stuck():
            try:
                self.say({"beats": True})
            except EOFError:  # the warm parent is gone
                break
            time.sleep(BEAT)
        os.kill(os.getpid(), signal.SIGKILL)


def work(job: dict[str, Any], wire: Wire, warmth: "Warmth", cores: int) -> None:
    """Do the job and end the process: with 0, or with 1 where it could not be done."""
    code = 1
    pulse = Pulse(wire)
    try:
        import torch

        torch.set_num_threads(cores)
        with contextlib.suppress(OSError):
            os.nice(NICENESS)
        pulse.start()
        for message in KINDS[job["kind"]](job, warmth):
            pulse.progress()
            if message is not None:
                pulse.say(message)
        code = 0
    except EOFError:
        pass
    except WorkbenchError as error:
        with contextlib.suppress(EOFError):
            pulse.say({"error": error.message, "hint": error.hint})
    except BaseException as error:
        log.error("A job failed unexpectedly.", exc_info=error)
        with contextlib.suppress(EOFError):
            pulse.say({"error": f"Something unexpected went wrong ({type(error).__name__}).", "hint": "See the log."})
    finally:
        logging.shutdown()
        os._exit(code)  # not the parent's exit handlers
