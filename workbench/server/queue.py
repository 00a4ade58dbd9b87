"""The queue as one person may see it: their own races by name, those of others as a number only."""

from typing import Any

from workbench.jobs.dispatcher import Part
from workbench.server.desk import Desk
from workbench.server.rows import run_row


def queue(desk: Desk, owner: str) -> dict[str, Any]:
    """What is going and what waits: {is_shared, is_warm, runs, going, waiting, others_waiting}.

    `runs` are the rows of the owner's active runs; the parts of the queue name them by id. `going` is None where the
    device is free, and has no race where it is somebody else's. `place` counts all races, 1 for the next one;
    `others_before` those of others among them.
    """
    active = desk.active(owner)
    own = {entry.run for entry in active}
    going, line = desk.dispatcher.line()
    waiting: list[dict[str, Any]] = []
    for place, part in enumerate(line, start=1):
        if runs := [run for run in part.runs if run in own]:
            before = place - 1 - len(waiting)
            waiting.append({"race": part.race, "runs": runs, "place": place, "others_before": before})
    return {
        "is_shared": desk.is_class,
        "is_warm": desk.executor.is_ready,
        "runs": [run_row(entry, desk.home) for entry in active],
        "going": going and _going(desk, going, owner),
        "waiting": waiting,
        "others_waiting": len(line) - len(waiting),
    }


def _going(desk: Desk, part: Part, owner: str) -> dict[str, Any]:
    """The race that goes; one's own has no runs any more while its worker says good-bye."""
    own = [entry for entry in desk.entries(owner, part.race) if entry.run in part.runs]
    return {"race": part.race if own else None, "runs": [entry.run for entry in own if entry.is_active]}
