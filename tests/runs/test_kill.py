"""kill -9, for real and at random moments: no acknowledged event is lost, and the run can go on."""

import random
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from workbench.runs.folder import list_runs
from workbench.runs.journal import read_events
from workbench.runs.summary import read_history

KILLS = 10
Start = Callable[..., "subprocess.Popen[str]"]


def kill_after_first_words(worker: "subprocess.Popen[str]", wait: float) -> list[str]:
    """The lines that the worker wrote before it was killed, the last of them perhaps torn.

    `communicate` would read past what `readline` holds in its buffer, and start in the middle of a line.
    """
    assert worker.stdout is not None and worker.stderr is not None
    first = worker.stdout.readline()
    time.sleep(wait)
    worker.kill()
    worker.wait()
    assert first, worker.stderr.read()
    return [first, *worker.stdout]


def test_ten_kills_lose_no_acknowledged_event(start: Start, home: Path) -> None:
    chance, acknowledged = random.Random(0), defaultdict[str, list[int]](list)
    for kill in range(KILLS):
        worker = start("resume", home) if kill else start("record", home, 1_000_000, "lora", "full")
        for line in kill_after_first_words(worker, chance.uniform(0, 0.1)):
            if line.endswith("\n"):
                run, seq = line.split()
                acknowledged[run].append(int(seq))
        for folder in list_runs(home):
            assert set(acknowledged[folder.id]) <= {event.seq for event in read_events(folder.journal)}
            assert read_history(folder).state in ("interrupted", "queued")
    for folder in list_runs(home):
        seqs = [event.seq for event in read_events(folder.journal)]
        assert seqs == list(range(len(seqs)))
        assert read_history(folder).state == "interrupted"
    assert sum(map(len, acknowledged.values())) > 10 * KILLS


def test_two_processes_cannot_work_on_the_same_run(start: Start, home: Path) -> None:
    worker = start("record", home, 1_000_000, "lora")
    assert worker.stdout is not None
    worker.stdout.readline()
    (folder,) = list_runs(home)
    assert read_history(folder).state == "running"
    _, errors = start("resume", home).communicate()
    assert errors.startswith("RunError")
    assert "is going right now" in errors


def test_a_worker_that_is_asked_to_stop_stops(start: Start, home: Path) -> None:
    worker = start("record", home, 1_000_000, "lora")
    assert worker.stdout is not None
    worker.stdout.readline()
    (folder,) = list_runs(home)
    folder.ask_to_stop()
    worker.communicate(timeout=20)
    assert worker.returncode == 0
    assert read_history(folder).state == "stopped"
    assert not folder.is_stop_wanted
