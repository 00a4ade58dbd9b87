"""What a trained number buys: quality against the number of trainable parameters."""

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, ClassVar

from workbench.views.contract import ShownRun, Table, View
from workbench.views.drawing import canvas, marker, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go


class Quality(View):
    """The task's score at the end (the held-out loss where there is no score) against trainable parameters."""

    name: ClassVar[str] = "quality"
    title: ClassVar[str] = "Quality against parameters"
    explains: ClassVar[str] = (
        "Towards the left: fewer trained numbers, a smaller file to keep. Dotted lines are runs that train nothing. "
        "The best buy is at the good end, far to the left."
    )
    order: ClassVar[int] = 30

    def table(self, runs: Sequence[ShownRun]) -> Table:
        """A row for each evaluated run: trainable (numbers), quality, measure (what quality is)."""
        scored = any(run.metric in run.history.final_scores for run in runs)
        rows = []
        for run in runs:
            quality = run.history.final_scores.get(run.metric) if scored else _loss(run)
            if quality is not None and isfinite(quality) and run.history.counts:
                measure = run.metric.replace("_", " ") if scored else "held-out loss, lower is better"
                rows.append(run.row(trainable=int(run.history.counts["trainable"]), quality=quality, measure=measure))
        return rows

    def figure(self, table: Table) -> "go.Figure":
        """A marker for each run; a dotted line for one that trains nothing."""
        measure = table[0]["measure"] if table else "quality"
        higher = "" if "lower" in measure else ", higher is better"
        figure = canvas("trainable parameters (logarithmic)", plain(measure) + higher)
        figure.update_xaxes(type="log", dtick=1, exponentformat="SI")
        trained = [row["trainable"] for row in table if row["trainable"] > 0] or [1]
        for row in table:
            label, style = plain(row["label"]), row["style"]
            hover = f"{label}: %{{y:.3f}} with {row['trainable']:,} trainable parameters<extra></extra>"
            if row["trainable"] > 0:
                points, look = ([row["trainable"]], [row["quality"]]), {"mode": "markers", "marker": marker(style, 14)}
            else:
                points = ([min(trained) / 2, max(trained) * 2], [row["quality"]] * 2)
                look = {"mode": "lines", "line": {"color": style.colour, "dash": "dot", "width": 2}}
            figure.add_scatter(x=points[0], y=points[1], name=label, hovertemplate=hover, **look)
        return figure


def _loss(run: ShownRun) -> float | None:
    return run.history.evaluations[-1][1] if run.history.evaluations else None
