"""The warm parent: holds torch, transformers, peft and the bundled weights, and forks a worker for each job.

A fork takes milliseconds where a fresh process needs seconds to import. So that a fork is safe, the parent
computes in one thread only and touches no GPU. It hears from the server over a wire (see `wire.py`):

    to it     {"do": "start", "job": id, "what": {"kind": "race", ...}}     {"do": "stop" or "kill", "job": id}
              {"do": "ping"}
    from it   {"ready": seconds}     {"began": job, "process": pid}     {"job": id, "says": {...}}
              {"pace": how fast this machine is}
              {"ended": job, "code": exit status, or minus the signal}     {"pong": true}

When the server is gone the wire ends: workers are asked to stop, and killed where they don't.
"""

import contextlib
import gc
import os
import selectors
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.jobs.wire import Message, Wire, pair, take_over
from workbench.jobs.worker import work

GRACE = 5.0  # seconds that workers have to stop before they are killed
LOOK = 1.0  # seconds between looks at silent workers


@dataclass
class Forked:
    """A worker: its job, its process, its wire, and when it was last heard (monotonic seconds)."""

    job: str
    process: int
    wire: Wire
    heard: float


class Zygote:
    """The loop of the warm parent; a worker that is silent for `silence_seconds` is killed."""

    def __init__(self, server: Wire, silence_seconds: float) -> None:
        self.server = server
        self.silence_seconds = silence_seconds
        self.workers: dict[str, Forked] = {}
        self.waiter = selectors.DefaultSelector()
        self.waiter.register(server, selectors.EVENT_READ, None)
        self._alarm, alarm = pair()
        alarm.setblocking(False)
        self._alarm.setblocking(False)
        self._rings = alarm  # kept open: the wake-up descriptor of signals
        signal.set_wakeup_fd(alarm.fileno())
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        self.waiter.register(self._alarm, selectors.EVENT_READ, None)

    def serve(self) -> None:
        """Work until the server is gone."""
        began = time.monotonic()
        self._import()
        from workbench.jobs.warmth import Warmth

        self.warmth = Warmth()
        self.server.send({"ready": time.monotonic() - began})
        try:
            while True:
                is_idle = self.warmth.has_more and not self.workers
                self._wait(0.0 if is_idle else LOOK)
                if is_idle:
                    self.warmth.warm_one()
                    gc.freeze()  # what is warm stays: a worker's collector need not touch, and so copy, these pages
                    if self.warmth.pace:
                        self.server.send({"pace": {**self.warmth.pace, "cores": self.cores}})
        except EOFError:
            self._end()

    def _import(self) -> None:
        """Import what jobs need; one thread only from here on."""
        import torch
        import transformers  # noqa: F401

        from workbench.methods.peft_models import import_peft

        import_peft()
        import workbench.runs.record
        import workbench.training.race  # noqa: F401

        self.cores = torch.get_num_threads()
        torch.set_num_threads(1)

    def _wait(self, seconds: float) -> None:
        """Take what came within so many seconds, then look after the workers."""
        for key, _ in self.waiter.select(seconds):
            if key.fileobj is self._alarm:
                with contextlib.suppress(BlockingIOError):
                    self._alarm.recv(4096)
            elif key.fileobj is self.server:
                for message in self.server.receive():
                    self._obey(message)
            else:
                self._relay(self.workers[key.data])
        self._reap()
        now = time.monotonic()
        for worker in self.workers.values():
            if now - worker.heard > self.silence_seconds:
                os.kill(worker.process, signal.SIGKILL)  # stopped or stuck: its runs can be resumed

    def _obey(self, message: Message) -> None:
        match message["do"]:
            case "start":
                self._start(message["job"], message["what"])
            case "stop" | "kill" if message["job"] in self.workers:
                number = signal.SIGTERM if message["do"] == "stop" else signal.SIGKILL
                os.kill(self.workers[message["job"]].process, number)
            case "ping":
                self.server.send({"pong": True})

    def _start(self, job: str, what: dict[str, Any]) -> None:
        ours, theirs = pair()
        process = os.fork()
        if process == 0:
            self._become_worker(ours, theirs, what)
        theirs.close()
        worker = Forked(job, process, Wire(ours), time.monotonic())
        self.workers[job] = worker
        self.waiter.register(worker.wire, selectors.EVENT_READ, job)
        self.server.send({"began": job, "process": process})

    def _become_worker(self, ours: socket.socket, theirs: socket.socket, what: dict[str, Any]) -> None:
        """In the forked process: let go of all that is the parent's, and work; never returns."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.waiter.close()
        for end in (ours, self.server, self._alarm, self._rings, *(other.wire for other in self.workers.values())):
            end.close()
        work(what, Wire(theirs), self.warmth, self.cores)

    def _relay(self, worker: Forked) -> None:
        """Pass on what a worker says; that it lives is for the parent alone."""
        try:
            messages = worker.wire.receive()
        except EOFError:
            self.waiter.unregister(worker.wire)
            return
        worker.heard = time.monotonic()
        for message in messages:
            if "beats" not in message:
                self.server.send({"job": worker.job, "says": message})

    def _reap(self) -> None:
        """Tell of the workers that ended, after all that they said."""
        while self.workers:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                return
            worker = next(worker for worker in self.workers.values() if worker.process == process)
            self._hear_out(worker)
            del self.workers[worker.job]
            self.server.send({"ended": worker.job, "code": os.waitstatus_to_exitcode(status)})

    def _hear_out(self, worker: Forked) -> None:
        while worker.wire.fileno() in self.waiter.get_map():
            self._relay(worker)
        worker.wire.close()

    def _end(self) -> None:
        """The server is gone: ask the workers to stop, then kill those that are left."""
        for number, patience in ((signal.SIGTERM, GRACE), (signal.SIGKILL, GRACE)):
            for worker in self.workers.values():
                os.kill(worker.process, number)
            until = time.monotonic() + patience
            while self.workers and time.monotonic() < until:
                process, _ = os.waitpid(-1, os.WNOHANG)
                self.workers = {job: worker for job, worker in self.workers.items() if worker.process != process}
                time.sleep(0.02)


def main() -> None:
    """Serve the process that left its wire at the descriptor in the first argument; the second is the silence."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's; it ends the wire
    server = take_over(int(sys.argv[1]))
    os.chdir(Path.home() if Path.home().is_dir() else "/")
    with contextlib.suppress(EOFError):
        Zygote(server, float(sys.argv[2])).serve()


if __name__ == "__main__":
    main()
