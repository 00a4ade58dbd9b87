"""The live table of a race: a row for each run, with its curve, where it stands and what it measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from workbench.cli.screen import short_bytes, short_count, short_time
from workbench.cli.sparkline import ASCII, BLOCKS, scale, sparkline
from workbench.history import History
from workbench.views.contract import ShownRun
from workbench.views.text import one_line

GAP = 2  # blanks between columns
OVER = ("finished", "stopped", "failed", "interrupted")
STATE_STYLES = {"failed": "bold red", "stopped": "yellow", "interrupted": "yellow", "finished": "green"}


@dataclass(frozen=True)
class Column:
    """A column of the table; it is shown from a terminal width of `least` characters on."""

    head: str
    cell: Callable[["Board", ShownRun], Text | str]
    least: int = 0
    right: bool = True


class Board:
    """What the screen shows of a race; read it whenever something was measured.

    `now` tells the time in seconds; `title` stands above the table; `is_unicode` whether there are block characters.
    """

    def __init__(self, runs: Sequence[ShownRun], title: str, now: Callable[[], float], is_unicode: bool = True) -> None:
        self.runs = runs
        self.title = title
        self.is_unicode = is_unicode
        self.now = now
        self.start = now()
        self.width = 80
        self._first_steps: int | None = None

    def render(self, width: int) -> RenderableType:
        """The table for a terminal of this many characters."""
        self.width = width
        done, total = self.steps()
        head = Text.assemble((one_line(self.title, max(20, width - 24)), "bold"), f"  {done:,}/{total:,} steps")
        if left := self.seconds_left():
            head.append(f", {short_time(left)} left")
        bar = ProgressBar(total=max(1, total), completed=done, width=min(width, 100))
        return Group(head, Padding(bar), self.table(width)) if self.is_unicode else Group(head, self.table(width))

    def table(self, width: int) -> Table:
        """The rows alone."""
        columns = [column for column in COLUMNS if column.least <= width]
        heads = [_metric_head(self.runs) if column.head == "score" else column.head for column in columns]
        cells = [[column.cell(self, run) for column in columns] for run in self.runs]
        widths = [max(len(text) for text in texts) for texts in zip(heads, *cells, strict=True)]
        room = width - sum(widths[1:]) - GAP * len(widths)
        widths[0] = max(8, min(widths[0], room))  # the name gives way, a number is never cut
        table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
        for column, head, widest in zip(columns, heads, widths, strict=True):
            table.add_column(
                head, justify="right" if column.right else "left", no_wrap=True, overflow="ellipsis", width=widest
            )
        for row in cells:
            table.add_row(*row)
        return table

    def steps(self) -> tuple[int, int]:
        """Steps done and steps to do, of all runs together; a run that is over has no more to do."""
        most = max((run.history.steps for run in self.runs), default=0)
        total = sum(_steps(run, most) for run in self.runs)
        return sum(run.history.step for run in self.runs), total

    def seconds_left(self) -> float:
        """How long the rest will take at the pace so far; 0 while it is not known."""
        done, total = self.steps()
        if self._first_steps is None and done:
            self._first_steps, self.start = done, self.now()  # what came before was building, not training
        done -= self._first_steps or 0
        return (self.now() - self.start) * (total - done - (self._first_steps or 0)) / done if done > 0 else 0.0


def _steps(run: ShownRun, most: int) -> int:
    """Steps this run is to do; until it started, as many as the others."""
    if run.history.state in OVER:
        return run.history.step
    return run.history.steps if run.history.counts else (most if run.trains else 0)


def _label(board: Board, run: ShownRun) -> Text:
    limit = max(12, min(40, board.width // 4))
    return Text(one_line(run.label, limit), style=run.style.colour)


def _curve(board: Board, run: ShownRun) -> Text:
    low, high = scale([_values(other.history) for other in board.runs])
    width = 10 if board.width < 100 else 20
    marks = BLOCKS if board.is_unicode else ASCII
    return Text(sparkline(_values(run.history), low, high, width, marks), style=run.style.colour)


def _values(history: History) -> list[float]:
    return [loss for _, loss in history.losses]


def _state(board: Board, run: ShownRun) -> Text:
    history = run.history
    if history.state in STATE_STYLES:
        return Text(history.state, style=STATE_STYLES[history.state])
    return Text(
        f"{history.step}/{history.steps}" if history.steps else history.state, style="" if history.step else "dim"
    )


def _loss(board: Board, run: ShownRun) -> str:
    return f"{run.history.evaluations[-1][1]:.3f}" if run.history.evaluations else ""


def _training_loss(board: Board, run: ShownRun) -> str:
    return f"{run.history.losses[-1][1]:.3f}" if run.history.losses else ""


def _score(board: Board, run: ShownRun) -> str:
    """The task's score; left out while it is older than the loss beside it."""
    scores, evaluations = run.history.scores, run.history.evaluations
    if not scores or scores[-1][0] < evaluations[-1][0] or run.metric not in scores[-1][1]:
        return ""
    return f"{scores[-1][1][run.metric]:.3f}"


def _metric_head(runs: Sequence[ShownRun]) -> str:
    return one_line(runs[0].metric.replace("_", " "), 14) if runs and runs[0].metric else "score"


def _forgetting(board: Board, run: ShownRun) -> str:
    change = run.history.forgotten
    return "" if change is None else f"{change:+.3f}"


def _trainable(board: Board, run: ShownRun) -> str:
    return short_count(run.history.counts["trainable"]) if run.history.counts else ""


def _pace(board: Board, run: ShownRun) -> str:
    return short_count(run.history.tokens_per_second) if run.history.tokens_per_second else ""


def _memory(board: Board, run: ShownRun) -> str:
    return short_bytes(run.history.peak_memory_bytes) if run.history.peak_memory_bytes else ""


COLUMNS = (
    Column("run", _label, right=False),
    Column("curve", _curve, least=60, right=False),
    Column("step", _state),
    Column("training", _training_loss, least=100),
    Column("loss", _loss),
    Column("score", _score, least=50),
    Column("forgets", _forgetting, least=60),
    Column("trained", _trainable, least=80),
    Column("tokens/s", _pace, least=100),
    Column("memory", _memory, least=110),
)
