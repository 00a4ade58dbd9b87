"""What a race would take, before it begins: a row for each run, so that one wrong knob hides no other row."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from workbench.card import ModelCard
from workbench.errors import WorkbenchError
from workbench.knobs import configure
from workbench.menu.counts import counted, notes, pieces
from workbench.methods import METHODS
from workbench.methods.contract import check_packages
from workbench.models.catalog import find_card
from workbench.objectives import OBJECTIVES
from workbench.spec import RunSpec
from workbench.tasks import TASKS

TYPICAL_TOKENS = 64  # of an example, where nothing better is known; a shorter max_length bounds it


def estimated(specs: Sequence[RunSpec]) -> list[dict[str, Any]]:
    """Counts, memory, default rate, pieces and notes of every spec; {"error", "hint"} where one does not do."""
    return [_row(spec) for spec in specs]


def card_of(spec: RunSpec) -> ModelCard:
    """The card of a spec's model, with as many labels as its classification head has, where it has one.

    Raises:
        WorkbenchError: the model, the task or the objective is unknown, or a file cannot be read as examples.
    """
    card, task = find_card(spec.model), configure(TASKS[spec.task.name], spec.task.knobs, spec.task.name)
    return replace(card, labels=len(task.labels())) if OBJECTIVES[spec.objective.name].by_head else card


def _row(spec: RunSpec) -> dict[str, Any]:
    try:
        card = card_of(spec)
        method = configure(METHODS[spec.method.name], spec.method.knobs, spec.method.name)
        check_packages(method)
        size = max(1, spec.budget.batch_size // spec.budget.accumulation)
        row = counted(card, spec.method, size, min(spec.budget.max_length, TYPICAL_TOKENS))
        rate = method.default_learning_rate(card) if method.trains else 0.0
        drawn = {"depth": card.depth, "pieces": pieces(card, spec.method), "notes": notes(card, spec.method)}
        return {**row, "learning_rate": rate, **drawn}
    except WorkbenchError as error:
        return {"error": error.message, "hint": error.hint}
