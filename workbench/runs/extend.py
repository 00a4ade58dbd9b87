"""More steps for a run that has ended: it goes on from its last checkpoint, under the schedule of the longer run."""

from collections.abc import Sequence
from dataclasses import replace

from workbench.errors import RunError
from workbench.knobs import configure
from workbench.methods import METHODS
from workbench.runs.checkpoint import newest_checkpoint
from workbench.runs.folder import RunFolder
from workbench.runs.storage import storing, write_json
from workbench.runs.summary import read_history
from workbench.spec import Budget, RunSpec


def extend(folders: Sequence[RunFolder], steps: int) -> list[RunFolder]:
    """Give those of the runs that train so many optimizer steps more and return them; `resume` then takes the steps.

    The learning rate goes on where the schedule of the longer run is at that step, so it rises again. The journal
    shows it: a second `Started` event with the new number of steps. Either all get longer or none.

    Raises:
        RunError: a run waits or is going, or left no whole checkpoint; or none of them trains.
        SpecError: too few or too many steps.
    """
    configure(Budget, {"steps": steps}, "budget")
    able = [folder for folder in folders if METHODS[folder.spec().method.name].trains]
    if not able:
        raise RunError("None of these runs trains, so there are no steps to add.", "Choose one that trains.")
    longer = [_longer(folder, steps) for folder in able]
    for folder, spec in zip(able, longer, strict=True):
        draft = folder.path / ".spec.json"
        with storing(folder.path):
            write_json(draft, spec.to_json())
            draft.replace(folder.path / "spec.json")
    return able


def _longer(folder: RunFolder, steps: int) -> RunSpec:
    spec, state = folder.spec(), read_history(folder).state
    if state in ("queued", "running"):
        raise RunError(f"Run {folder.id} is {state}.", "Steps can be added when it has ended.")
    if newest_checkpoint(folder.checkpoints) is None:
        hint = "Start another run with more steps; a run that was handed in comes without checkpoints."
        raise RunError(f"Run {folder.id} has no checkpoint to go on from.", hint)
    total = configure(Budget, {"steps": spec.budget.steps + steps}, "budget").steps
    return replace(spec, budget=replace(spec.budget, steps=total))


def has_steps_left(folder: RunFolder) -> bool:
    """Whether the run can go on: it broke off, or got more steps after it was finished."""
    history = read_history(folder)
    return history.state != "finished" or history.step < folder.spec().budget.steps and history.steps > 0
