"""Models, tasks and methods as plain rows, read from the parts themselves."""

from functools import cache
from typing import Any, get_args

from workbench.card import Kind
from workbench.errors import ModelError
from workbench.knobs import Knob, knobs
from workbench.methods import METHODS
from workbench.methods.contract import Method
from workbench.methods.head import UNTRAINED
from workbench.metrics import METRICS
from workbench.models.catalog import CATALOG, Entry, find_card
from workbench.models.hub import cached_folder
from workbench.objectives import OBJECTIVES
from workbench.spec import Budget
from workbench.tasks import TASKS
from workbench.tasks.contract import Record, Task
from workbench.tasks.fit import misfit

METHOD_FACTS = ("name", "title", "plain", "idea", "formula", "paper")
METRIC_FACTS = ("name", "title", "definition", "library")
TASK_FACTS = ("name", "title", "plain", "idea", "source", "metric", "scores", "gives")
OBJECTIVE_FACTS = ("name", "title", "plain", "idea", "formula", "paper", "by_head")
ROWS = 3  # examples of a task that its card shows
SHAPE = ("family", "kind", "parameters", "width", "depth", "heads", "vocabulary", "positions")


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

    `misfits` tells by kind of model why it cannot be learned, `misfit_of_head` why a classification head cannot.

    Raises:
        SpecError: it is unknown.
    """
    rows = [{"prompt": record.prompt, "target": record.target} for record in _first_records(name)]
    facts = _facts(TASKS[name], TASK_FACTS)
    facts["metrics"] = ", ".join(TASKS[name].metrics)
    return {**facts, "knobs": knob_rows(TASKS[name]), "rows": rows, **misfits(TASKS[name]())}


def misfits(task: Task) -> dict[str, Any]:
    """Why a task does not fit: `misfits` by kind of model, `misfit_of_head` of a classification head.

    Nothing of the kind is known of a task that needs a file: only its file can tell.
    """
    if "path" in knobs(type(task)):
        return {"misfits": {}, "misfit_of_head": ""}
    by_kind = {kind: reason for kind in get_args(Kind) if (reason := misfit(kind, task))}
    return {"misfits": by_kind, "misfit_of_head": misfit("decoder", task, by_head=True)}


def objective_row(name: str) -> dict[str, Any]:
    """One objective with its texts; `misfit_untrained` tells why it refuses a method that trains nothing.

    Raises:
        SpecError: it is unknown.
    """
    part = OBJECTIVES[name]
    return {**_facts(part, OBJECTIVE_FACTS), "misfit_untrained": UNTRAINED if part.by_head else ""}


def metric_row(name: str) -> dict[str, Any]:
    """One metric: what it is, its range, and the tasks that it is measured of.

    Raises:
        SpecError: it is unknown.
    """
    metric = METRICS[name]
    own = [task for task, part in TASKS.items() if name in (*part.metrics, *part.scores) or metric.kind == "loss"]
    facts = {"range": metric.unit(), "better": metric.direction(), "tasks": ", ".join(own)}
    return {**_facts(metric, METRIC_FACTS), **facts}


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
        "methods": [{**method_row(name), **_for_forms(METHODS[name])} for name in METHODS],
        "objectives": [objective_row(name) for name in OBJECTIVES],
        "budget": knob_rows(Budget),
    }


def _for_forms(method: type[Method]) -> dict[str, Any]:
    return {"trains": method.trains, "taught": method.taught}


def knob_rows(part: type) -> list[dict[str, Any]]:
    """The knobs of a part."""
    return [_knob(setting) for setting in knobs(part).values()]


@cache
def _first_records(task: str) -> list[Record]:
    """The first training examples of a task as it is by default; none where it needs a file first."""
    part = TASKS[task]()
    return [] if "path" in knobs(type(part)) else part.records("train", ROWS, 0)


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
        here = entry.is_bundled or bool(entry.hub_id and cached_folder(entry.hub_id))
        return {**row, **_shape(entry.name), "stored_bytes": entry.stored_bytes, "is_here": here}
    except ModelError as error:
        return {**row, **dict.fromkeys(SHAPE), "stored_bytes": None, "is_here": False, "problem": str(error)}


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
