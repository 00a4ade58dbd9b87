"""A run as lists show it: one flat row of plain data."""

from pathlib import Path
from typing import Any

from workbench.runs.archive import kind_of_weights
from workbench.runs.folder import RunFolder, runs_of
from workbench.spec import Choice
from workbench.store.index import Entry


def run_row(entry: Entry, home: Path) -> dict[str, Any]:
    """The row of a run; `weights` says what can be taken away: "peft" for a PEFT folder, "plain", or "" for nothing."""
    method = entry.spec["method"]
    return {
        "run": entry.run,
        "race": entry.race,
        "created": entry.created,
        "name": entry.name,
        "tags": entry.tags,
        "state": entry.state,
        "step": entry.step,
        "steps": entry.steps,
        "model": entry.spec["model"],
        "task": entry.spec["task"]["name"],
        "method": str(Choice(method["name"], method["knobs"])),
        "seed": entry.spec["seed"],
        "loss": entry.summary["loss"]["eval_final"],
        "trains": method["name"] != "none",
        "weights": kind_of_weights(RunFolder(runs_of(home) / entry.run)),
    }
