"""A worker that hangs: its runs are interrupted within a minute, the next race begins, no process is left."""

import os
import signal
import time
from collections.abc import Iterator

import psutil
import pytest

from workbench.jobs import executor, worker, zygote
from workbench.runs.summary import read_history
from workbench.server.desk import Desk
from workbench.store import keeper

MINUTE = 60.0
SILENCE = 10.0  # seconds instead of the half minute, so that the test is short


@pytest.fixture
def hasty(races_at, home) -> Iterator:
    """Races at a desk of their own that is quick to take a silent worker for hung."""
    desk = Desk(home)
    desk.executor.silence_seconds = SILENCE
    desk.open()
    yield races_at(desk)
    desk.close()


def test_a_hung_worker_interrupts_its_runs_and_the_next_race_begins(hasty, until, is_gone) -> None:
    hung, waiting = hasty.submit(hasty.long), hasty.submit(hasty.tiny)
    process = hasty.reach_halfway(hung)
    parent = hasty.desk.executor.process.pid
    os.kill(process, signal.SIGSTOP)
    began = time.monotonic()
    until(lambda: "running" not in hasty.states(hung), MINUTE)
    assert time.monotonic() - began > SILENCE / 2, "it was not the silence that ended it"
    assert hasty.states(hung)[1] == "interrupted"
    lora = hasty.desk.index.entries(hung)[1]
    assert lora.hint == "Its worker died; go on from its last checkpoint."
    assert read_history(hasty.lora(hung)).state == "interrupted"
    assert is_gone(process)

    assert hasty.finish(waiting) == ["finished", "finished"]
    assert hasty.desk.executor.process.pid == parent, "the warm parent serves on"
    until(lambda: not psutil.Process(parent).children(recursive=True))
    assert hasty.go_on(hung)[1] == "finished"


def test_whatever_hangs_is_ended_within_a_minute_by_default() -> None:
    """Silent workers by the warm parent, a deaf warm parent by the server; the keeper then notes who died."""
    assert executor.ForkExecutor().silence_seconds == worker.SILENCE
    noted = 2 * keeper.LIVENESS
    assert worker.SILENCE + zygote.LOOK + worker.BEAT + noted < MINUTE
    assert worker.PATIENCE + worker.BEAT + noted < MINUTE
    assert executor.DEAF + executor.PING + noted < MINUTE
