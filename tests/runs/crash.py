"""Saves checkpoints again and again, each time killed by SIGKILL one system call later than before.

    python crash.py FOLDER    prints how many places it was killed at; fails at the first broken promise

Torch is imported once; every attempt is a forked child whose n-th look at the disk is its last.
"""

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import torch

from workbench.runs.checkpoint import newest_checkpoint, read_checkpoint, write_checkpoint

CALLS = (
    (os, ("open", "mkdir", "fsync", "unlink", "rmdir", "scandir")),
    (Path, ("replace", "rename", "mkdir", "open")),
)


def save(folder: Path, step: int, mark: float) -> None:
    write_checkpoint(
        folder, step, {"w": torch.full((8,), mark), "moment": torch.zeros(3)}, {"step": step, "mark": mark}
    )


def die_at(number: int) -> None:
    """Let the number-th of the calls that touch the disk be the last thing this process does."""
    left = number

    def deadly(call: Any) -> Any:
        def counted(*words: Any, **more: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*words, **more)

        return counted

    for owner, names in CALLS:
        for name in names:
            setattr(owner, name, deadly(getattr(owner, name)))


def attempt(folder: Path, steps: list[int], last: tuple[int, float], number: int) -> bool:
    """Kill a save at its number-th call and hold what is left against the promise; True when the save ended first."""
    shutil.rmtree(folder, ignore_errors=True)
    for step in steps:
        save(folder, step, float(step))
    child = os.fork()
    if child == 0:
        die_at(number)
        save(folder, *last)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    path = newest_checkpoint(folder)
    assert path is not None, f"nothing is left after call {number}"
    tensors, facts = read_checkpoint(path)
    former = (steps[-1], float(steps[-1]))
    assert (facts["step"], facts["mark"]) in (former, last), f"{path} after call {number}"
    assert torch.equal(tensors["w"], torch.full((8,), facts["mark"]))
    if status == 0:
        assert (facts["step"], facts["mark"]) == last
    save(folder, last[0] + 10, 0.5)  # whatever lies about, the next save works, and clears it away
    assert read_checkpoint(newest_checkpoint(folder) or Path())[1]["mark"] == 0.5
    assert len(list(folder.iterdir())) == 2
    return status == 0


if __name__ == "__main__":
    torch.set_num_threads(1)
    os.fsync = lambda handle: None  # a kill takes nothing from the kernel; only a power cut would
    place = Path(sys.argv[1]) / "checkpoints"
    for steps, last in (([10, 20], (30, 30.0)), ([20], (20, 21.0))):
        number = 0
        while not attempt(place, steps, last, number):
            number += 1
        print(number)
