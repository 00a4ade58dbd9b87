"""Watching a race: events are folded into histories, which a live table or plain lines show."""

import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from types import FrameType, TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text

from workbench.cli.board import Board
from workbench.cli.screen import aside, is_unicode, screen, short_count, short_time
from workbench.events import Evaluated, Event, Failed, Finished, Started, Stopped
from workbench.history import History, fold
from workbench.views.contract import ShownRun
from workbench.views.text import one_line, readable

FRAMES_A_SECOND = 8


class Interrupts:
    """Ctrl-C as a wish: the first one asks `stop` to be called at the next event, the second ends at once.

    `wanted` says whether there was one.
    """

    def __init__(self) -> None:
        self.wanted = False

    def __enter__(self) -> "Interrupts":
        self._before = signal.getsignal(signal.SIGINT)
        signal.signal(signal.SIGINT, self._take)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self.wanted:
            raise KeyboardInterrupt
        self.wanted = True


def watch(
    events: Iterable[Event], runs: Sequence[ShownRun], title: str, stop: Callable[[], None], is_quiet: bool
) -> bool:
    """Show the race until it is over; True when a person stopped it.

    The runs' histories grow as events arrive. `stop` tells the workers that a person wants them to stop.
    `is_quiet`: the standard output belongs to a program, so the error output is used.
    """
    console = aside() if is_quiet else screen()
    shows = _live if console.is_terminal else _plain
    with Interrupts() as interrupts:
        for _ in shows(_folded(events, {run.history.run: run.history for run in runs}), runs, title, console):
            if interrupts.wanted:
                stop()
    return interrupts.wanted


def _folded(events: Iterable[Event], histories: dict[str, History]) -> Iterable[Event]:
    for event in events:
        if event.run in histories:
            fold([event], histories[event.run])
        yield event


def _live(events: Iterable[Event], runs: Sequence[ShownRun], title: str, console: Console) -> Iterable[Event]:
    """A table that is drawn again a few times a second, whatever the pace of the events."""
    board = Board(runs, title, time.monotonic, is_unicode(console))
    drawn = 0.0
    with Live(board.render(console.width), console=console, auto_refresh=False, transient=True) as live:
        for event in events:
            if time.monotonic() - drawn > 1 / FRAMES_A_SECOND:
                live.update(board.render(console.width), refresh=True)
                drawn = time.monotonic()
            yield event
        live.update(board.render(console.width), refresh=True)


def _plain(events: Iterable[Event], runs: Sequence[ShownRun], title: str, console: Console) -> Iterable[Event]:
    """A line for each evaluation, for a log file or a screen reader."""
    board = Board(runs, title, time.monotonic)
    by_id = {run.history.run: run for run in runs}
    console.print(Text(one_line(title)), soft_wrap=True)
    for event in events:
        line = _words(event, by_id.get(event.run), board)
        if line:
            console.print(Text(one_line(line)), soft_wrap=True)
            sys.stdout.flush()
        yield event


def _words(event: Event, run: ShownRun | None, board: Board) -> str:
    """What the event says, as one line; empty for an event that needs none."""
    if run is None:
        return ""
    where = f"{run.label}, step {event.step}/{run.history.steps}"
    match event:
        case Started():
            counts = event.counts
            trained = short_count(counts.get("trainable", 0))
            return f"{run.label}: {trained} of {short_count(counts.get('total', 0))} numbers trained, on {event.device}"
        case Evaluated():
            scores = [
                f"{name} {score:.3f}" for name, score in event.scores.items() if name in run.scores or not run.scores
            ]
            forgets = [f"base loss {event.base_loss:.3f}"] if event.base_loss is not None else []
            left = [f"{short_time(seconds)} left"] if (seconds := board.seconds_left()) else []
            return f"{where}: " + ", ".join([f"loss {event.loss:.3f}", *scores, *forgets, *left])
        case Finished() | Stopped():
            return f"{where}: {run.history.state} after {run.history.seconds:.1f} seconds of its own work"
        case Failed():
            return f"{where}: failed. {readable(event.error)}"
    return ""
