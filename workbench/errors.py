"""What a person is told when something cannot be done: one clear sentence and what to try."""


class WorkbenchError(Exception):
    """Anything a person may see going wrong; `hint` says what to try instead.

    `exit_code` is what the command line returns for it.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def _render_traceback_(self) -> list[str]:
        """What a notebook's cell shows: IPython asks for it instead of a traceback through our code."""
        return [str(self)]


class SpecError(WorkbenchError):
    """A field of a run's specification has a value that is not allowed."""

    exit_code = 2

    def __init__(self, field: str, value: object, allowed: str, hint: str = "") -> None:
        super().__init__(f"{field} is {value!r}, but allowed is {allowed}.", hint)
        self.field = field
        self.value = value
        self.allowed = allowed


class DataError(WorkbenchError):
    """A data file cannot be read as examples; names the file, and line and column where known."""

    exit_code = 3


class ModelError(WorkbenchError):
    """A model is unknown, unsafe to load, or cannot be fetched or pushed."""

    exit_code = 4


class RunError(WorkbenchError):
    """A run folder is missing, damaged, busy or cannot be resumed."""

    exit_code = 5


class MissingRunError(RunError):
    """There is no such run or race, or it is somebody else's."""


class DivergedError(WorkbenchError):
    """The loss of a run became NaN or infinite."""

    exit_code = 6


class StorageError(WorkbenchError):
    """The disk is full, or the folder for the results cannot be written."""

    exit_code = 7


class MemoryShortageError(WorkbenchError):
    """A run needs more memory than the device has."""

    exit_code = 8
