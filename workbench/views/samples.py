"""What the models wrote, before and after."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from workbench.views.contract import ShownRun, Table, View
from workbench.views.drawing import canvas, plain
from workbench.views.footing import is_one_footing, is_one_task

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
        """A row for each prompt: prompt, target, base (None where unseen) and answers, a text by label.

        Only runs of one task answer the same prompts; of several tasks there are no rows.
        """
        latest = {run.label: _by_prompt(run.history.samples[-1][1]) for run in runs if run.history.samples}
        if not is_one_task(runs):
            return []
        base = _base_samples(runs)
        return [
            {
                "prompt": prompt,
                "target": target,
                "base": base.get((prompt, target)),
                "answers": {
                    label: texts[prompt, target] for label, texts in latest.items() if (prompt, target) in texts
                },
            }
            for prompt, target in dict.fromkeys(key for texts in latest.values() for key in texts)
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


def _by_prompt(samples: Sequence[Mapping[str, str]]) -> dict[tuple[str, str], str]:
    """What was written, by prompt and the data's answer."""
    return {(sample.get("prompt", ""), sample.get("target", "")): sample.get("text", "") for sample in samples}


def _base_samples(runs: Sequence[ShownRun]) -> dict[tuple[str, str], str]:
    """What the one base wrote: the samples before the first step of a run that starts as it."""
    if not is_one_footing(runs):
        return {}
    for run in runs:
        if run.starts_at_base and run.history.samples and run.history.samples[0][0] == 0:
            return _by_prompt(run.history.samples[0][1])
    return {}
