"""The board of a race before its first event: what a page draws while it waits for the live socket."""

from dataclasses import asdict
from typing import Any

from workbench.errors import MissingRunError
from workbench.history import History
from workbench.menu.estimate import estimated
from workbench.methods import METHODS
from workbench.report import model_name, shown, task_name
from workbench.server.desk import Desk
from workbench.spec import RunSpec
from workbench.views.metrics import glossary


def board(desk: Desk, race: str, owner: str) -> dict[str, Any]:
    """What a page needs to draw a race before any event: titles, and each run's label, look and part.

    Raises:
        RunError: it is not there, or somebody else's.
    """
    entries = desk.entries(owner, race)
    if not entries:
        raise MissingRunError(f"There is no race {race!r}.", "The Runs tab lists what there is.")
    specs = [RunSpec.from_json(entry.spec) for entry in entries]
    looks = shown(specs, [History(entry.run) for entry in entries])
    memory = [row.get("memory_bytes", {}).get("total") for row in estimated(specs)]
    first = specs[0]
    return {
        "race": race,
        "model": model_name(first.model),
        "task": task_name(first.task),
        "metric": looks[0].metric,
        "loss_unit": looks[0].unit,
        "measures": glossary(looks[0].scores),
        "created": entries[0].created,
        "steps": first.budget.steps,
        "batch_size": first.budget.batch_size,
        "specs": [spec.to_json() for spec in specs],
        "runs": [
            {
                "run": entry.run,
                "label": look.label,
                "method": look.method,
                "title": METHODS[look.method].title if look.method in METHODS else look.method,
                "style": asdict(look.style),
                "trains": look.trains,
                "starts_at_base": look.starts_at_base,
                "predicted_memory": predicted,
            }
            for entry, look, predicted in zip(entries, looks, memory, strict=True)
        ],
    }
