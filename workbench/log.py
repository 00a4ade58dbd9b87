"""Where the details of an unexpected fault go, so that none of them reaches a person's screen."""

import contextlib
import logging
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.settings import home

LARGEST = 1_000_000  # bytes; a longer log begins anew


def log_path() -> Path:
    """The log of this user's workbench."""
    return home() / "workbench.log"


class LogFile(logging.Handler):
    """Appends to the log; a disk that cannot be written is no second fault."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, its traceback included."""
        with contextlib.suppress(OSError):
            path = log_path()
            path.parent.mkdir(parents=True, exist_ok=True)
            is_long = path.exists() and path.stat().st_size > LARGEST
            with path.open("w" if is_long else "a", encoding="utf-8") as file:
                file.write(self.format(record) + "\n")


def keep_log() -> None:
    """Send what the package logs to the log file instead of the screen."""
    logger = logging.getLogger("workbench")
    if not any(isinstance(handler, LogFile) for handler in logger.handlers):
        handler = LogFile()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger.addHandler(handler)
    logger.propagate = False


def unexpected(error: Exception) -> WorkbenchError:
    """Log a fault that nobody expected and say it in one sentence."""
    logging.getLogger("workbench").error("The command failed unexpectedly.", exc_info=error)
    sentence = f"Something unexpected went wrong ({type(error).__name__}: {error})."
    return WorkbenchError(sentence, f"The details are in {log_path()}; please report them.")
