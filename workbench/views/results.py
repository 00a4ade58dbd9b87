"""The numbers of every run at its end, side by side."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from workbench.views.contract import Row, ShownRun, Table, View
from workbench.views.drawing import canvas, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLUMNS = {
    "state": "state",
    "trainable": "trainable",
    "percent": "% of all",
    "loss_first": "loss at the start",
    "loss": "loss at the end",
    "metric": "score",
    "change": "forgetting",
    "seconds": "seconds",
    "tokens_per_second": "tokens/s",
    "memory_bytes": "peak bytes",
}


class Results(View):
    """One row a run: what it trained, what it reached and what it cost."""

    name: ClassVar[str] = "results"
    title: ClassVar[str] = "Results"
    explains: ClassVar[str] = (
        "Loss in nats on held-out examples, lower is better; score from 0 to 1, higher is better; "
        "forgetting is the rise of the loss on the base's own kind of text, in nats per token."
    )
    order: ClassVar[int] = 5

    def table(self, runs: Sequence[ShownRun]) -> Table:
        """A row for each run; a number that was not measured is None."""
        return [_row(run) for run in runs]

    def figure(self, table: Table) -> "go.Figure":
        """The rows as a plotly table."""
        import plotly.graph_objects as go

        values = [[plain(row["label"]) for row in table]] + [[_text(row[key]) for row in table] for key in COLUMNS]
        numbers = go.Table(header={"values": ["run", *COLUMNS.values()]}, cells={"values": values})
        return canvas("", "", height=120 + 30 * len(table)).add_trace(numbers)


def _row(run: ShownRun) -> Row:
    history = run.history
    return run.row(
        state=history.state,
        trainable=int(history.counts["trainable"]) if history.counts else None,
        percent=history.counts.get("percent") if history.counts else None,
        loss_first=_finite(history.evaluations[0][1]) if history.evaluations else None,
        loss=_finite(history.evaluations[-1][1]) if history.evaluations else None,
        metric=history.final_scores.get(run.metric),
        change=history.forgotten,
        seconds=history.seconds,
        tokens_per_second=history.tokens_per_second or None,
        memory_bytes=history.peak_memory_bytes or None,
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _text(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,.4g}" if isinstance(value, float) else plain(str(value))
