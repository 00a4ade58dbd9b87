"""Liveness: a lock that ends with its worker, whatever becomes of children and other descriptors."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.errors import RunError
from workbench.runs.archive import export_run
from workbench.runs.folder import RunFolder
from workbench.runs.liveness import hold, is_alive

HOLD = "import sys, time; from pathlib import Path; from workbench.runs.liveness import hold; hold(Path(sys.argv[1]))\n"
Start = Callable[..., "subprocess.Popen[str]"]


def ask(start: Start, folder: Path) -> str:
    """What another process says of the folder."""
    code = "import sys; from pathlib import Path; from workbench.runs.liveness import is_alive\n"
    output, errors = start(folder, code=code + "print(is_alive(Path(sys.argv[1])))").communicate()
    return output.strip() or errors


def test_a_worker_is_alive_until_it_is_killed(start: Start, tmp_path: Path) -> None:
    worker = start(tmp_path, code=HOLD + "print('held', flush=True); time.sleep(60)")
    assert worker.stdout is not None
    assert worker.stdout.readline() == "held\n"
    assert is_alive(tmp_path)
    with pytest.raises(RunError, match="is going right now"):
        hold(tmp_path)
    worker.kill()
    worker.wait()
    assert not is_alive(tmp_path)
    hold(tmp_path).release()


def test_a_child_that_outlives_its_worker_does_not_keep_the_lock(start: Start, tmp_path: Path) -> None:
    fork = "import os\nchild = os.fork()\nif child: print(child, flush=True)\ntime.sleep(60)"
    worker = start(tmp_path, code=HOLD + fork)
    assert worker.stdout is not None
    child = int(worker.stdout.readline())
    try:
        assert is_alive(tmp_path)
        worker.kill()
        worker.wait()
        os.kill(child, 0)  # the child lives on
        assert not is_alive(tmp_path)
    finally:
        os.kill(child, 9)


def test_looking_at_its_own_lock_does_not_lose_it(start: Start, queued: RunFolder, tmp_path: Path) -> None:
    lock = hold(queued.path)
    assert is_alive(queued.path)
    with pytest.raises(RunError):
        hold(queued.path)
    export_run(queued, tmp_path / "run.zip")
    assert ask(start, queued.path) == "True"
    lock.release()
    lock.release()
    assert ask(start, queued.path) == "False"
    assert not is_alive(queued.path)


def test_a_folder_without_a_lock_file_is_not_alive(tmp_path: Path) -> None:
    assert not is_alive(tmp_path)
    assert not is_alive(tmp_path / "nowhere")
