"""How the loss falls while the runs learn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from workbench.views.contract import ShownRun, Table, View, thinned
from workbench.views.drawing import canvas, line, marker, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go


class Curves(View):
    """Training loss of every step (thin) and held-out loss of every evaluation (with markers)."""

    name: ClassVar[str] = "curves"
    title: ClassVar[str] = "Learning curves"
    explains: ClassVar[str] = (
        "The loss is how surprised the model is by the right answer, in nats per token: lower is better. "
        "Lines with markers are measured on examples the run never trains on, thin lines on its training batches. "
        "A dotted level is a run that trains nothing, so that its loss stays as it is."
    )
    order: ClassVar[int] = 10

    def table(self, runs: Sequence[ShownRun]) -> Table:
        """A row for each curve: kind (training or evaluation), trains, steps, losses in nats per token."""
        rows: Table = []
        for run in runs:
            kinds = (("training", run.history.losses), ("evaluation", run.history.evaluations))
            for kind, curve in kinds:
                points = thinned(curve)
                if points:
                    steps, losses = (list(values) for values in zip(*points, strict=True))
                    rows.append(run.row(kind=kind, trains=run.trains, steps=steps, losses=losses))
        return rows

    def figure(self, table: Table) -> "go.Figure":
        """Loss against step, one colour a run."""
        figure = canvas("optimizer step", "loss (nats per token)")
        last_step = max((row["steps"][-1] for row in table), default=0)
        for row in table:
            label, style = plain(row["label"]), row["style"]
            shared = {"x": row["steps"], "y": row["losses"], "name": label, "legendgroup": label}
            hover = f"{label}, {row['kind']}<br>step %{{x}}: %{{y:.3f}} nats per token<extra></extra>"
            if row["kind"] == "training":
                figure.add_scatter(**shared, line=line(style, 1), opacity=0.4, showlegend=False, hovertemplate=hover)
            elif not row["trains"]:
                level = {"x": [0, last_step], "y": row["losses"][-1:] * 2, "mode": "lines", "name": label}
                figure.add_scatter(**level, line={**line(style), "dash": "dot"}, hovertemplate=hover)
            else:
                look = {"mode": "lines+markers", "line": line(style), "marker": marker(style, 8)}
                figure.add_scatter(**shared, **look, hovertemplate=hover)
        return figure
