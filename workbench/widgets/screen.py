"""The widgets of a live board: progress, a stop button, curves, numbers and samples of the runs of a race."""

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets
import plotly.graph_objects as go

from workbench.history import History
from workbench.views import VIEWS
from workbench.views.contract import Row, ShownRun
from workbench.views.metrics import alone
from workbench.widgets.following import OVER
from workbench.widgets.tables import failures_html, metrics_html, results_html, safe, samples_html

KINDS = ("training", "evaluation")


class Screen:
    """Fixed widgets that `draw` gives new values; `box` holds all of them.

    `is_seen`: whether a front end ever drew it, which is not so where a notebook is executed by a program.
    """

    def __init__(
        self, title: str, runs: Sequence[ShownRun], on_stop: Callable[[], None], on_seen: Callable[[], None]
    ) -> None:
        self.runs = runs
        self.on_seen = on_seen
        self.title = title
        self.is_seen = False
        self.note = ""
        self.heading = ipywidgets.HTML()
        self.bars = {run.history.run: _bar(run) for run in runs}
        self.places = {run.history.run: ipywidgets.HTML() for run in runs}
        self.button = ipywidgets.Button(description="Stop", tooltip="Stop all runs after their step")
        self.button.on_click(lambda _: on_stop())
        self.figure = _figure(runs)
        self.numbers, self.metrics, self.samples = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
        self.box = self._laid_out()
        self.box._view_count = 0  # asks the front end to count the views it draws
        self.box.observe(self._count, "_view_count")

    def _laid_out(self) -> Any:
        rows = [
            ipywidgets.HBox([self.bars[run.history.run], self.places[run.history.run]], layout={"overflow": "hidden"})
            for run in self.runs
        ]
        texts = ipywidgets.Accordion([self.samples], titles=("What the models write",))
        return ipywidgets.VBox([self.heading, *rows, self.button, self.figure, self.numbers, self.metrics, texts])

    def _count(self, change: dict[str, Any]) -> None:
        if change["new"] and not self.is_seen:
            self.is_seen = True
            self.on_seen()

    def draw(self, changed: set[str], is_stopping: bool = False, note: str = "") -> None:
        """Show what the histories of these runs hold, and a note about where they come from."""
        self.note = note
        is_over = all(run.history.state in OVER for run in self.runs)
        told = "over" if is_over else "stopping after the current step" if is_stopping else "running"
        told_too = f". {safe(note)}" if note else ""
        self.heading.value = f'<b>{safe(self.title)}</b> <span role="status">{told}{told_too}</span>'
        self.button.disabled = is_over or is_stopping
        for run in self.runs:
            if run.history.run in changed:
                _fill(self.bars[run.history.run], run.history)
                self.places[run.history.run].value = safe(_told(run.history))
        _draw_curves(self.figure, self.runs, changed)
        self.numbers.value = results_html(self.runs) + failures_html(self.runs)
        # an equal value is not sent, so an open fold stays open between evaluations
        self.metrics.value = metrics_html(alone(self.runs))
        self.samples.value = (
            samples_html(self.runs) or "Samples are written at the start, in the middle and at the end."
        )


def _bar(run: ShownRun) -> Any:
    return ipywidgets.IntProgress(
        description=run.label,
        style={"bar_color": run.style.colour, "description_width": "14em"},
        layout={"width": "28em"},
    )


def _fill(bar: Any, history: History) -> None:
    """An ended run has a full bar only where it came to its end."""
    bar.max = max(1, history.steps)
    bar.value = bar.max if history.state == "finished" else history.step


def _told(history: History) -> str:
    """Where a run is, in words."""
    place = f"step {history.step} of {history.steps}" if history.steps else "getting ready"
    if history.state == "queued":
        return "waiting to start"
    if history.state == "running":
        return place
    return history.state if history.state == "finished" else f"{history.state}, {place}"


def _figure(runs: Sequence[ShownRun]) -> Any:
    """The figure of the view of curves with two lines a run, which have no points yet."""
    view = VIEWS["curves"]()
    return go.FigureWidget(view.figure([_empty(run, kind) for run in runs for kind in KINDS]))


def _empty(run: ShownRun, kind: str) -> Row:
    return run.row(kind=kind, unit=run.unit, trains=run.trains, steps=[0], losses=[None])


def _draw_curves(figure: Any, runs: Sequence[ShownRun], changed: set[str]) -> None:
    """Give the lines of these runs their points, in one message; the levels reach as far as the longest run."""
    places = {(run.label, kind): 2 * place + KINDS.index(kind) for place, run in enumerate(runs) for kind in KINDS}
    stale = {run.label for run in runs if run.history.run in changed or not run.trains}
    table = VIEWS["curves"]().table(runs)
    last_step = max((row["steps"][-1] for row in table), default=0)
    with figure.batch_update():
        for row in table:
            if row["label"] not in stale:
                continue
            line = figure.data[places[row["label"], row["kind"]]]
            is_level = row["kind"] == "evaluation" and not row["trains"]
            line.x = [0, last_step] if is_level else row["steps"]
            line.y = row["losses"][-1:] * 2 if is_level else row["losses"]
