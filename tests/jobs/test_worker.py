"""Signs of life: a worker beats as long as it gets on, and is taken for stuck when it does not."""

import signal
import subprocess
import sys
import time

import pytest

from workbench.jobs import worker
from workbench.jobs.wire import Wire, pair
from workbench.jobs.worker import Pulse


@pytest.fixture
def pulse():
    ours, theirs = pair()
    yield Pulse(Wire(ours))
    ours.close()
    theirs.close()


def test_who_never_told_of_progress_is_not_stuck(pulse) -> None:
    assert not pulse.is_stuck()


def test_a_pause_far_longer_than_ever_is_one_too_many(pulse, monkeypatch) -> None:
    pulse.progress()
    pulse.progress()
    assert not pulse.is_stuck()
    later = time.monotonic() + worker.PATIENCE + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert pulse.is_stuck()
    pulse.longest = worker.PATIENCE  # a slow model: such pauses are its pace
    assert not pulse.is_stuck()


STUCK = """
import time
from workbench.jobs import worker
from workbench.jobs.wire import Wire, pair
worker.PATIENCE, worker.BEAT = 0.5, 0.1
ours, theirs = pair()
pulse = worker.Pulse(Wire(ours))
pulse.start()
pulse.progress()
pulse.progress()
time.sleep(600)
"""


def test_a_process_that_does_not_get_on_ends_itself() -> None:
    done = subprocess.run([sys.executable, "-c", STUCK], timeout=60, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, "")
