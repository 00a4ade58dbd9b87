"""Runs side by side, from any race: findings, numbers, pictures and samples."""

from collections.abc import Sequence
from typing import Any

import ipywidgets
import plotly.graph_objects as go

from workbench.errors import SpecError
from workbench.report.differences import differences
from workbench.report.race import shown
from workbench.runs.summary import read_history
from workbench.views import VIEWS
from workbench.views.contract import MOST_RUNS, ShownRun
from workbench.views.findings import findings
from workbench.views.seeds import group_rows, grouped
from workbench.widgets.listing import folders_of
from workbench.widgets.picture import as_image, curves_picture, described
from workbench.widgets.still import Still
from workbench.widgets.tables import metrics_html, plain_table, results_html, results_text, safe, samples_html

PICTURES = (
    "curves",
    "quality",
    "quality_time",
    "quality_memory",
    "quality_forgetting",
    "sweep",
    "forgetting",
    "counts",
)


class Comparison:
    """Runs side by side as they are at this moment; `runs` as the pictures show them, `findings` in sentences."""

    def __init__(self, runs: Any) -> None:
        folders = folders_of(runs)
        if len(folders) > MOST_RUNS:
            raise SpecError("the number of runs to compare", len(folders), f"{MOST_RUNS} or less")
        self.specs = [folder.spec() for folder in folders]
        self.runs: list[ShownRun] = shown(self.specs, [read_history(folder) for folder in folders])
        self.findings = findings(self.runs)

    @property
    def results(self) -> list[dict[str, Any]]:
        """The numbers of each group of seeds, as plain rows."""
        return group_rows(grouped(self.runs))

    def still(self) -> Still:
        """All of it as HTML, a picture of the curves, and text."""
        told = "".join(f"<li>{safe(sentence)}</li>" for sentence in self.findings)
        numbers = results_html(self.runs, self.results) + metrics_html(grouped(self.runs))
        html = f"<ul>{told}</ul>{numbers}{self._differences()}{samples_html(self.runs)}"
        text = "\n".join([results_text(self.runs), *(f"- {sentence}" for sentence in self.findings)])
        return Still(text, html, as_image(curves_picture(self.runs)), described(self.runs))

    def _differences(self) -> str:
        heads, rows = differences(self.specs)
        if not heads or len(self.runs) < 2:
            return ""
        cells = [[run.label, *row] for run, row in zip(self.runs, rows, strict=True)]
        return "<p>Where the set-ups differ</p>" + plain_table("Where the set-ups differ", ("run", *heads), cells)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Pictures to choose from, and the still of them."""
        still = self.still()
        return still.bundle(_widget(still, self.runs))

    def __repr__(self) -> str:
        """The numbers and findings, for plain Python."""
        return self.still().text


def compare(runs: Any) -> Comparison:
    """Put runs side by side; `runs` is a board, a list such as wb.runs()[-3:], or ids.

    Raises:
        RunError: there is none, or one of them is not there or damaged.
    """
    return Comparison(runs)


def _widget(still: Still, runs: Sequence[ShownRun]) -> Any:
    """One picture at a time, chosen by its title, above what the still says in HTML."""
    names = {VIEWS[name].title: name for name in PICTURES}
    choice = ipywidgets.Dropdown(options=list(names.items()), description="Picture")
    explained, place = ipywidgets.HTML(), ipywidgets.VBox()

    def draw(name: str) -> None:
        view = VIEWS[name]()
        explained.value = safe(view.explains)
        place.children = [go.FigureWidget(view.figure(view.table(runs)))]

    choice.observe(lambda change: draw(change["new"]), "value")
    draw(choice.value)
    return ipywidgets.VBox([choice, explained, place, ipywidgets.HTML(still.html)])
