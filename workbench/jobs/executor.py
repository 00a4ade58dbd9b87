"""The server's side of the warm parent: starts it, sends it jobs, hears what comes of them, starts it again."""

import contextlib
import itertools
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import RunError
from workbench.jobs.wire import Message, Wire, pair
from workbench.jobs.worker import SILENCE

log = logging.getLogger(__name__)

QUICK_DEATH = 10.0  # seconds; a warm parent that lives no longer is not started again at once
PING = 5.0  # seconds between questions whether the warm parent still answers
DEAF = 40.0  # seconds without an answer after which it is killed
LATE = 300.0  # the same while it imports, which a cold and slow disk draws out


@dataclass
class Job:
    """Something the warm parent was asked to do; `messages` end with None."""

    id: str
    what: dict[str, Any]
    on_end: Callable[[int], None]
    process: int = 0
    messages: "queue.SimpleQueue[Message | None]" = field(default_factory=queue.SimpleQueue)


class ForkExecutor:
    """Runs jobs in processes forked from one warm parent; `close` ends all of them.

    `on_ready` is called when a warm parent can take jobs. A job whose process, or whose parent, died has ended all
    the same: `on_end` is called with its exit code, minus the signal where it was killed. A worker that gives no sign
    of life for `silence_seconds` is killed.
    """

    def __init__(self, on_ready: Callable[[], None] | None = None, silence_seconds: float = SILENCE) -> None:
        self.on_ready = on_ready or (lambda: None)
        self.silence_seconds = silence_seconds
        self.jobs: dict[str, Job] = {}
        self.is_ready = False
        self.pace: Message = {}  # what `menu.duration.Pace` is made of, once the warm parent has measured it
        self.process: subprocess.Popen[bytes] | None = None
        self._wire: Wire | None = None
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._closing = threading.Event()
        self._answered = time.monotonic()
        self._listener = threading.Thread(target=self._keep_alive, name="executor", daemon=True)

    def open(self) -> None:
        """Start the warm parent; it can take jobs at once and does them when it is ready."""
        self._listener.start()
        threading.Thread(target=self._ask, name="executor-ping", daemon=True).start()

    def start(self, what: dict[str, Any], on_end: Callable[[int], None] | None = None) -> Job:
        """Ask for a job; `what` says its kind and what it needs.

        Raises:
            RunError: there is no warm parent at the moment.
        """
        with self._lock:
            job = Job(f"job-{next(self._numbers)}", what, on_end or (lambda code: None))
            self.jobs[job.id] = job
            try:
                self._send({"do": "start", "job": job.id, "what": what})
            except RunError:
                del self.jobs[job.id]
                raise
        return job

    def stop(self, job: Job, at_once: bool = False) -> None:
        """Ask a job to stop, or end it at once; does nothing where it has ended."""
        with contextlib.suppress(RunError):
            self._send({"do": "kill" if at_once else "stop", "job": job.id})

    def ask(self, what: dict[str, Any], seconds: float = 60.0) -> Iterator[Message]:
        """Do a job and yield what it says, ending it when the reader goes.

        Raises:
            RunError: nobody could do it, it died, or said nothing for so many seconds; or what it says went wrong.
        """
        job = self.start(what)
        try:
            while (message := job.messages.get(timeout=seconds)) is not None:
                if "error" in message:
                    raise RunError(message["error"], message.get("hint", ""))
                yield message
        except queue.Empty:
            raise RunError("There was no answer in time.", "Try again when fewer races are going.") from None
        finally:
            self.stop(job, at_once=True)

    def close(self) -> None:
        """End the warm parent and all its workers; runs keep a checkpoint where they can."""
        self._closing.set()
        with self._lock:
            process, wire = self.process, self._wire
            if wire:
                wire.close_writing()
        if process:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._listener.is_alive():  # it tells the last jobs that they ended, which their runs' index needs
            self._listener.join(5)

    def _send(self, message: Message) -> None:
        with self._lock:
            try:
                if self._wire is None:
                    raise EOFError
                self._wire.send(message)
            except EOFError:
                raise RunError("The trainer is starting again.", "Try again in a few seconds.") from None

    def _keep_alive(self) -> None:
        """Have a warm parent running until the end."""
        while not self._closing.is_set():
            began = time.monotonic()
            try:
                self._listen(self._spawn())
            except EOFError:
                pass
            except Exception as error:
                log.error("The warm parent could not be heard.", exc_info=error)
            self._bury()
            if time.monotonic() - began < QUICK_DEATH:
                self._closing.wait(2.0)

    def _spawn(self) -> Wire:
        with self._lock:
            if self._closing.is_set():
                raise EOFError
            ours, theirs = pair()
            self._answered = time.monotonic()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "workbench.jobs.zygote", str(theirs.fileno()), str(self.silence_seconds)],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C on the terminal is for the server, which ends the wire; a new session would
                # be scheduled as the server's equal, whatever its niceness
                env=os.environ | ENVIRONMENT,
            )
            theirs.close()
            self._wire = Wire(ours)
            return self._wire

    def _listen(self, wire: Wire) -> None:
        while True:
            for message in wire.receive():
                self._answered = time.monotonic()
                self._take(message)

    def _take(self, message: Message) -> None:
        match message:
            case {"ready": _}:
                self.is_ready = True
                self.on_ready()
            case {"pace": pace}:
                self.pace = pace
            case {"began": job, "process": process} if job in self.jobs:
                self.jobs[job].process = process
            case {"job": job, "says": said} if job in self.jobs:
                self.jobs[job].messages.put(said)
            case {"ended": job, "code": code} if job in self.jobs:
                self._end(self.jobs[job], code)

    def _end(self, job: Job, code: int) -> None:
        with self._lock:
            self.jobs.pop(job.id, None)
        if code:
            job.messages.put({"error": "The work ended before it was done.", "hint": "Try again."})
        job.messages.put(None)
        job.on_end(code)

    def _bury(self) -> None:
        """The warm parent is gone: no worker may outlive it, and its jobs have ended."""
        with self._lock:
            self.is_ready, process, wire = False, self.process, self._wire
            self.process = self._wire = None
        if process:
            process.kill()
            process.wait()
        if wire:
            wire.close()
        for job in list(self.jobs.values()):
            if job.process and not self._closing.is_set():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(job.process, signal.SIGKILL)
            self._end(job, -signal.SIGKILL)

    def _ask(self) -> None:
        """Kill a warm parent that does not answer any more; another one is started."""
        while not self._closing.wait(PING):
            process = self.process
            if process and time.monotonic() - self._answered > (DEAF if self.is_ready else LATE):
                process.kill()
            with contextlib.suppress(RunError):
                self._send({"do": "ping"})


ENVIRONMENT = {
    "TOKENIZERS_PARALLELISM": "false",  # its threads would not survive a fork
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",  # looks for a GPU without starting CUDA, which cannot be forked
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "PYTHONUNBUFFERED": "1",
}
