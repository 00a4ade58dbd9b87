"""Models, tasks and methods as plain rows, read from the parts themselves."""

from typing import Any

from workbench.errors import ModelError
from workbench.knobs import Knob, knobs
from workbench.methods import METHODS
from workbench.models.catalog import CATALOG, Entry, find_card
from workbench.spec import Budget
from workbench.tasks import TASKS

METHOD_FACTS = ("name", "title", "plain", "idea", "formula", "paper")
TASK_FACTS = ("name", "title", "plain", "idea", "source", "metric", "scores", "gives")
SHAPE = ("family", "parameters", "width", "depth", "heads", "vocabulary", "positions")


def model_rows() -> list[dict[str, Any]]:
    """All models of the catalog, those that come with the project first."""
    return [_model(entry) for entry in CATALOG.values()]


def model_row(name: str) -> dict[str, Any]:
    """One model: of the catalog, a hub id or a folder.

    Raises:
        ModelError: it is none of them.
    """
    return _model(CATALOG[name]) if name in CATALOG else {"name": name, **_shape(name)}


def task_row(name: str) -> dict[str, Any]:
    """One task with its texts and knobs.

    Raises:
        SpecError: it is unknown.
    """
    return {**_facts(TASKS[name], TASK_FACTS), "knobs": knob_rows(TASKS[name])}


def method_row(name: str) -> dict[str, Any]:
    """One method with its texts and knobs.

    Raises:
        SpecError: it is unknown.
    """
    return {**_facts(METHODS[name], METHOD_FACTS), "knobs": knob_rows(METHODS[name])}


def menu() -> dict[str, Any]:
    """Everything that a form needs."""
    return {
        "models": model_rows(),
        "tasks": [task_row(name) for name in TASKS],
        "methods": [{**method_row(name), "trains": METHODS[name].trains} for name in METHODS],
        "budget": knob_rows(Budget),
    }


def knob_rows(part: type) -> list[dict[str, Any]]:
    """The knobs of a part."""
    return [_knob(setting) for setting in knobs(part).values()]


def _model(entry: Entry) -> dict[str, Any]:
    """The facts of a catalog entry; those of its shape are None where a bundled folder is missing."""
    row: dict[str, Any] = {
        "name": entry.name,
        "hub_id": entry.hub_id,
        "licence": entry.licence,
        "description": entry.description,
        "bundled": entry.is_bundled,
        "can_train": entry.can_train,
    }
    try:
        return {**row, **_shape(entry.name), "stored_bytes": entry.stored_bytes}
    except ModelError as error:
        return {**row, **dict.fromkeys(SHAPE), "stored_bytes": None, "problem": str(error)}


def _shape(name: str) -> dict[str, Any]:
    card = find_card(name)
    return {fact: getattr(card, fact) for fact in SHAPE}


def _facts(part: type, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(part, name) for name in names}


def _knob(setting: Knob) -> dict[str, Any]:
    return {
        "name": setting.name,
        "type": setting.type.__name__,
        "default": setting.default,
        "help": setting.help,
        "low": setting.low,
        "high": setting.high,
        "choices": list(setting.choices),
        "several": setting.several,
        "allowed": setting.allowed(),
    }
