"""What the models wrote, before and after."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from workbench.views.contract import ShownRun, Table, View
from workbench.views.drawing import canvas, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go


class Samples(View):
    """The same prompts with the same seeds, answered by the base and by every tuned model."""

    name: ClassVar[str] = "samples"
    title: ClassVar[str] = "Samples"
    explains: ClassVar[str] = (
        "What each model writes for the same prompts with the same seed: the base first, then every run at its end."
    )
    order: ClassVar[int] = 70

    def table(self, runs: Sequence[ShownRun]) -> Table:
        """A row for each prompt: prompt, target, base (None where unseen) and answers, a text by label."""
        latest = {run.label: run.history.samples[-1][1] for run in runs if run.history.samples}
        if not latest:
            return []
        base = _base_samples(runs)
        first = next(iter(latest.values()))
        return [
            {
                "prompt": sample.get("prompt", ""),
                "target": sample.get("target", ""),
                "base": base[number].get("text", "") if number < len(base) else None,
                "answers": {
                    label: written[number].get("text", "") for label, written in latest.items() if number < len(written)
                },
            }
            for number, sample in enumerate(first)
        ]

    def figure(self, table: Table) -> "go.Figure":
        """The texts as a plotly table."""
        import plotly.graph_objects as go

        lines = [
            (row["prompt"], label, text)
            for row in table
            for label, text in [("base", row["base"] or ""), ("target", row["target"]), *row["answers"].items()]
        ]
        columns = [[plain(text) for text in column] for column in zip(*lines, strict=True)] or [[], [], []]
        texts = go.Table(header={"values": ["prompt", "model", "text"]}, cells={"values": columns, "align": "left"})
        return canvas("", "", height=600).add_trace(texts)


def _base_samples(runs: Sequence[ShownRun]) -> Sequence[Mapping[str, str]]:
    """What the base wrote: the samples before the first step of a run that starts as the base."""
    for run in runs:
        if run.starts_at_base and run.history.samples and run.history.samples[0][0] == 0:
            return run.history.samples[0][1]
    return ()
