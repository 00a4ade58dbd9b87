"""Whether a run's worker lives: it holds a lock that the kernel drops the moment the process is gone.

The lock is a POSIX record lock (`lockf`), chosen for what happens at kill -9: it is released at once, even
where forked children live on (a `flock` would stay held by them). Its traps, and what is done about them:

- A process loses its lock when it closes *any* descriptor of the locked file. So nothing but this module
  opens `lock`, and a process asks about its own locks from memory (`_held`), never from the file.
- A forked child inherits the descriptor but not the lock. So `_held` remembers the process too.
- Within one process a second lock on the same file succeeds. So `_held` refuses it.

On Windows `msvcrt.locking` stands in: exclusive too, but released a moment after a kill, not at once.
"""

import os
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import RunError
from workbench.runs.storage import storing

LOCK = "lock"
_held: dict[tuple[int, int, int], int] = {}  # (process, device, inode) -> descriptor


@dataclass
class Lock:
    """A worker's claim on a run folder, held from `hold` to `release`, or to the end of the process."""

    key: tuple[int, int, int]

    def release(self) -> None:
        """Give the run free; a second release does nothing, nor does one in a forked child."""
        if self.key[0] == os.getpid() and (handle := _held.pop(self.key, None)) is not None:
            os.close(handle)


def hold(folder: Path) -> Lock:
    """Claim a run folder for this process.

    Raises:
        RunError: some process, perhaps this one, is at work in it.
        StorageError: the folder cannot be written.
    """
    path = folder / LOCK
    if is_mine(folder):
        raise _busy(folder)
    with storing(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
        facts = os.fstat(handle)
    if not _claim(handle):
        os.close(handle)
        raise _busy(folder)
    key = (os.getpid(), facts.st_dev, facts.st_ino)
    _held[key] = handle
    return Lock(key)


def is_mine(folder: Path) -> bool:
    """Whether this very process holds the folder; opens nothing."""
    try:
        facts = (folder / LOCK).stat()
    except OSError:
        return False
    return (os.getpid(), facts.st_dev, facts.st_ino) in _held


def is_alive(folder: Path) -> bool:
    """Whether a process is at work in this run folder; asks the kernel and takes no lock itself."""
    if is_mine(folder):
        return True
    try:
        handle = os.open(folder / LOCK, os.O_RDONLY if sys.platform in _LAYOUTS else os.O_RDWR)
    except OSError:
        return False
    try:
        return _is_claimed(handle)
    finally:
        os.close(handle)


def _busy(folder: Path) -> RunError:
    return RunError(f"Run {folder.name} is going right now.", f"Stop it first: workbench runs stop {folder.name}.")


# struct flock of <fcntl.h>: format, place of l_type; the other fields 0 mean the whole file from its start
_LAYOUTS = {"linux": ("hhqqi4x", 0), "darwin": ("qqihh", 3)}

if sys.platform == "win32":
    import msvcrt

    def _claim(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _is_claimed(handle: int) -> bool:
        return not _claim(handle)  # a claim that succeeds ends when the caller closes the descriptor

else:
    import fcntl

    def _claim(handle: int) -> bool:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _is_claimed(handle: int) -> bool:
        """Ask with F_GETLK: taking the lock for a look could turn a worker away that starts just then."""
        if sys.platform not in _LAYOUTS:
            return not _claim(handle)
        layout, place = _LAYOUTS[sys.platform]
        question = [0] * 5
        question[place] = fcntl.F_WRLCK
        answer = struct.unpack(layout, fcntl.fcntl(handle, fcntl.F_GETLK, struct.pack(layout, *question)))
        return bool(answer[place] != fcntl.F_UNLCK)
