"""Which kind of model can learn which task, and in one sentence why another cannot."""

from workbench.card import Kind
from workbench.tasks.contract import Task


def misfit(kind: Kind, task: Task, by_head: bool = False) -> str:
    """Why a model of this kind cannot learn the task, or a classification head cannot; empty where it can.

    Raises:
        DataError: a file cannot be read as examples.
    """
    if kind == "encoder" and task.asks_for_text():
        return "An encoder fills masks and writes no text, so its tasks have a few labels to choose from."
    if by_head and not task.labels():
        return "A classification head chooses among a few labels, and the answers of this task are free text."
    return ""
