"""The runs of this machine as a list that shows as a table, and runs named in whatever way."""

from collections.abc import Iterator, Sequence
from typing import Any, overload

from workbench.errors import RunError
from workbench.runs.folder import RunFolder, find_runs, list_runs
from workbench.settings import home
from workbench.views.text import one_line
from workbench.widgets.board import Board, Run
from workbench.widgets.server_run import ServerRun
from workbench.widgets.tables import lines, plain_table

SHOWN = 20  # runs in the table: the newest
AnyRun = Run | ServerRun
HEADS = ("place", "run", "model", "task", "method", "state", "held-out loss")


class RunList(Sequence[AnyRun]):
    """Runs, the newest last: `runs()[-1].board()` is the board of the newest race."""

    def __init__(self, runs: Sequence[AnyRun], maker: str = "wb.race(...)") -> None:
        self._runs = list(runs)
        self._maker = maker

    def __len__(self) -> int:
        return len(self._runs)

    @overload
    def __getitem__(self, place: int) -> AnyRun: ...

    @overload
    def __getitem__(self, place: slice) -> "RunList": ...

    def __getitem__(self, place: int | slice) -> "AnyRun | RunList":
        """One run, or some of them.

        Raises:
            RunError: there is none at this place.
        """
        if isinstance(place, slice):
            return RunList(self._runs[place], self._maker)
        try:
            return self._runs[place]
        except IndexError:
            counted = f"There are {len(self)} runs" if self._runs else "There is no run yet"
            raise RunError(f"{counted}, so none at place {place}.", f"{self._maker} makes some.") from None

    def __iter__(self) -> Iterator[AnyRun]:
        return iter(self._runs)

    def _repr_html_(self) -> str:
        """The table."""
        if not self._runs:
            return f"<p>No runs yet. <code>{self._maker}</code> makes some.</p>"
        return plain_table("Runs", HEADS, self._rows()) + (f"<p>{self._earlier()}</p>" if self._earlier() else "")

    def __repr__(self) -> str:
        """The table in plain lines."""
        if not self._runs:
            return f"No runs yet. {self._maker} makes some."
        return "\n".join(filter(None, [lines([list(HEADS), *self._rows()]), self._earlier()]))

    def _rows(self) -> list[list[str]]:
        first = max(0, len(self) - SHOWN)
        return [[str(place - len(self)), *run.cells()] for place, run in list(enumerate(self._runs))[first:]]

    def _earlier(self) -> str:
        return f"{len(self) - SHOWN} earlier runs are in the list too." if len(self) > SHOWN else ""


def runs() -> RunList:
    """All runs of this machine's workbench, the newest last, whoever started them and wherever."""
    placed = [(folder.about(), _written(folder), folder) for folder in list_runs(home())]
    begun: dict[str, int] = {}
    for about, moment, _ in placed:
        begun[about.race] = min(moment, begun.get(about.race, moment))
    placed.sort(key=lambda entry: (entry[0].created, begun[entry[0].race], entry[0].race, entry[0].order))
    return RunList([Run(folder) for _, _, folder in placed])


def _written(folder: RunFolder) -> int:
    """When the run was created, in nanoseconds: `created` cannot tell two races of one second apart."""
    try:
        return (folder.path / "about.json").stat().st_mtime_ns
    except OSError:
        return 0


def folders_of(runs: Any) -> list[RunFolder]:
    """The folders of runs that are given as a board, a run, an id, or a list of those, each once.

    Raises:
        RunError: there is none, or one of them is not there.
    """
    found: dict[str, RunFolder] = {}
    for entry in runs if isinstance(runs, (list, tuple, RunList)) else [runs]:
        found |= {folder.id: folder for folder in _folders(entry)}
    if not found:
        raise RunError("No runs were given.", "wb.runs() lists them; wb.runs()[-2:] are the two newest.")
    return list(found.values())


def _folders(entry: Any) -> list[RunFolder]:
    if isinstance(entry, Board):
        return entry.folders
    if isinstance(entry, (Run, ServerRun)):
        return [entry.folder]
    if isinstance(entry, RunFolder):
        return [entry]
    if isinstance(entry, str):
        return find_runs(entry, home())
    raise RunError(f"{one_line(repr(entry), 60)} is no run.", "Give a board, runs of wb.runs(), or ids.")
