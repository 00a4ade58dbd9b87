"""Footing: whether numbers of runs may be held against each other, and what to say where they may not."""

from collections.abc import Iterable, Sequence

from workbench.units import unit_of
from workbench.views.contract import ShownRun


def is_one_task(runs: Sequence[ShownRun]) -> bool:
    """Whether the runs learned the same thing, so that their scores and samples are of the same questions."""
    return len({run.task for run in runs}) <= 1


def is_one_footing(runs: Sequence[ShownRun]) -> bool:
    """Whether their losses are of the same texts in the same tokens: one task, one objective and one base model."""
    return len({(run.task, run.model, run.objective) for run in runs}) <= 1


def score_name(runs: Sequence[ShownRun]) -> str:
    """The task's leading score in words; of several tasks just "score"."""
    names = {run.metric for run in runs}
    return (names.pop() if len(names) == 1 else "").replace("_", " ") or "score"


def loss_unit(runs: Sequence[ShownRun]) -> str:
    """What the losses of the runs are told in; of unlike objectives all of it."""
    return unit_of(run.unit for run in runs)


def caveats(runs: Sequence[ShownRun]) -> list[str]:
    """A sentence for each thing that makes numbers of these runs unlike each other."""
    tasks, models = _distinct(run.task for run in runs), _distinct(run.model for run in runs)
    objectives = _distinct(run.objective for run in runs)
    devices = _distinct(f"{run.history.device} {run.history.precision}".strip() for run in runs)
    sentences = []
    if len(tasks) > 1:
        sentences.append(
            f"These runs learned different tasks ({', '.join(tasks)}). "
            "Their losses and scores are of different texts, so one being lower does not make a run better."
        )
    if len(models) > 1:
        sentences.append(
            f"These runs start from different base models ({', '.join(models)}). A loss in nats per token can be held "
            "against another only where both models cut a text into the same tokens."
        )
    if len(objectives) > 1:
        sentences.append(
            f"These runs were trained on different objectives ({', '.join(objectives)}). Their scores can be compared, "
            "their losses cannot: a token of an answer is learned here, a whole answer there."
        )
    if len(devices) > 1:
        sentences.append(f"Times and memory were measured on different devices: {', '.join(devices)}.")
    return sentences


def _distinct(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(texts) if text]
