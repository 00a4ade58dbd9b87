"""Which kind of model can learn which task, and in one sentence why another cannot."""

from workbench.card import Kind
from workbench.tasks.contract import Task


def misfit(kind: Kind, task: Task) -> str:
    """Why a model of this kind cannot learn the task; empty where it can.

    Raises:
        DataError: a file cannot be read as examples.
    """
    if kind == "encoder" and task.asks_for_text():
        return "An encoder fills masks and writes no text, so its tasks have a few labels to choose from."
    return ""
