"""A race in a process of its own: it goes on when whoever started it ends, be it a notebook's kernel or a terminal."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from workbench.errors import WorkbenchError
from workbench.log import keep_log, log_path, unexpected
from workbench.runs.folder import RunFolder
from workbench.runs.record import perform
from workbench.runs.storage import storing

NICENESS = 5  # below whoever watches


def start(folders: Sequence[RunFolder]) -> "subprocess.Popen[bytes]":
    """Begin the race in these folders and return its process; what happens stands in their journals.

    The process is the first of a session of its own, so that signals to the starter's group pass it by. Faults that
    come before a journal is open go to the log.

    Raises:
        StorageError: the log cannot be written.
    """
    command = [sys.executable, "-P", "-m", __name__, *(str(folder.path.resolve()) for folder in folders)]
    log = log_path()
    with storing(log):
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as faults:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=faults, start_new_session=True
            )
    threading.Thread(target=process.wait, name="race-reaper", daemon=True).start()  # an unheard end is a zombie
    return process


def main(paths: Sequence[str]) -> int:
    """Perform the race in the folders at these paths; returns the exit code. SIGTERM stops it after a step."""
    keep_log()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    folders = [RunFolder(Path(path)) for path in paths]

    def stop(number: int, frame: FrameType | None) -> None:
        for folder in folders:
            folder.ask_to_stop()

    signal.signal(signal.SIGTERM, stop)
    try:
        for _ in perform(folders):
            pass
    except WorkbenchError as error:
        return error.exit_code
    except Exception as error:
        return unexpected(error).exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
