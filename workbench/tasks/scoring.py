"""What answers come to: the task's own scores, and the metrics that it names beside them."""

from collections.abc import Sequence

from workbench.metrics import METRICS, measured
from workbench.metrics.contract import Outcome
from workbench.tasks.contract import Record, Task


def score_answers(task: Task, records: Sequence[Record], answers: Sequence[str]) -> dict[str, float]:
    """The scores of the answers, the task's own first, then its metrics; empty where the records have no prompts."""
    own = task.score(records, answers)
    if not own:
        return {}
    kind = "choice" if task.labels() else "text"
    names = [name for name in task.metrics if METRICS[name].kind == kind and name not in task.scores]
    return own | measured(names, outcome_of(task, records, answers))


def outcome_of(task: Task, records: Sequence[Record], answers: Sequence[str]) -> Outcome:
    """Answers, right answers and labels as the metrics take them."""
    asked = [(record, answer) for record, answer in zip(records, answers, strict=True) if record.prompt]
    references = task.references([record for record, _ in asked])
    return Outcome(
        answers=tuple(task.said(answer) for _, answer in asked),
        references=tuple(tuple(dict.fromkeys(task.said(text) for text in texts)) for texts in references),
        labels=tuple(task.said(label) for label in task.labels()),
        mark=task.mark(),
    )
