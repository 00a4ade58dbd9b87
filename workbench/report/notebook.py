"""A finished run as a notebook that repeats it twice: through the workbench, and in plain PyTorch and PEFT.

Only source text is written here, so the server can do it, which has no torch.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench import __version__
from workbench.errors import RunError
from workbench.events import Started
from workbench.history import History
from workbench.models.catalog import find_entry
from workbench.report import script
from workbench.report.differences import flat
from workbench.report.plain import plain_of
from workbench.report.plain.contract import literal
from workbench.report.race import task_name
from workbench.runs.folder import RunFolder
from workbench.runs.journal import Tail
from workbench.runs.storage import storing
from workbench.runs.summary import read_history
from workbench.spec import Budget, Choice, RunSpec
from workbench.tasks.hub_data import is_hub_path
from workbench.training.check import Checked, check
from workbench.views.text import one_line

SUFFIX = ".ipynb"
# Nats per token. The two parts add up in another order, and training makes such differences grow: on pocket-gpt from
# 1e-7 in the first step to 0.04 at most after 150, which is as far as the workbench differs from itself when a batch is
# computed in two parts. So the first steps are held to each other closely, and the ends loosely.
CLOSE, FAR = 0.001, 0.1
OBJECTIVE = "language_modelling"  # the only one that the plain part computes
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

PACKAGE = """\
from workbench.history import fold
from workbench.spec import RunSpec
from workbench.training.race import train

spec = RunSpec.from_json(
{spec}
)
history = fold(train(spec))
for step, loss in history.evaluations:
    print(f"after {step} steps: {loss:.4f} {unit}")
assert history.state == "finished", history.error
"""
DATA = """\
# The data and the base model: the one cell of this part that asks the workbench for something.
from pathlib import Path

{imports}from workbench.training.data_files import write_data_files

DATA = Path({folder})
write_data_files(spec, DATA)  # {trained}evaluation.jsonl, an example a line
BASE = {base}
"""
FIND = "from workbench.models.catalog import find_entry\n"
COMPARE = """\
plain_loss = held_out_loss(read("evaluation.jsonl"))
package_loss = history.evaluations[-1][1]
print(f"workbench {package_loss:.6f}, plain {plain_loss:.6f} nats per token")
assert abs(plain_loss - package_loss) < {far}
"""
COMPARE_STEPS = """\
first = [abs(loss - other) for loss, (_, other) in zip(losses[:3], history.losses)]
print(f"the losses of the first steps differ by {max(first):.1e} at most")
assert max(first) < {close}

"""
ROUNDING = (
    " The first steps do to many digits. Both add up the same numbers in another order, though, so they round "
    "otherwise, and each step makes that difference a little larger; the last losses may differ in the "
    "second or third digit."
)


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook: code, or markdown."""

    text: str
    is_code: bool = True


def export_notebook(folder: RunFolder, target: Path, overwrite: bool = False) -> Path:
    """Write a finished run as a notebook.

    Raises:
        RunError: the run is not finished, or `target` exists and shall not be overwritten.
        WorkbenchError: this version does not know a part of its spec.
        StorageError: it cannot be written.
    """
    if target.exists() and not overwrite:
        raise RunError(f"{target} exists already.", "Give another file name, or overwrite it with --force.")
    text = notebook_of(folder)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    with storing(target):
        try:
            draft.write_text(text, encoding="utf-8")
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    return target


def notebook_of(folder: RunFolder) -> str:
    """The text of a finished run's notebook.

    Raises:
        RunError: the run is not finished.
        WorkbenchError: this version does not know a part of its spec.
    """
    history = read_history(folder)
    if history.state != "finished":
        told = f"Run {folder.id} is {history.state}, but only a finished run can be opened as a notebook."
        raise RunError(told, "Wait for its end, or go on with it.")
    lengths = {event.steps for event in Tail(folder.journal).read() if isinstance(event, Started)}
    return notebook(folder.spec(), history, is_extended=len(lengths) > 1)


def notebook(spec: RunSpec, history: History, is_extended: bool = False) -> str:
    """The notebook as JSON (nbformat 4.5), without outputs; `is_extended` says that steps were added to the run.

    Raises:
        WorkbenchError: this version does not know a part of the spec.
    """
    checked = check(replace(spec, budget=replace(spec.budget, precision="float32")))
    cells = [*_first_part(checked, history, is_extended), *_second_part(checked, history.run)]
    whole = {
        "cells": [_cell(number, cell) for number, cell in enumerate(cells)],
        "metadata": {"kernelspec": KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1) + "\n"


def _cell(number: int, cell: Cell) -> dict[str, Any]:
    lines = cell.text.strip("\n").splitlines(keepends=True)
    shared: dict[str, Any] = {"id": f"cell-{number:02d}", "metadata": {}, "source": lines}
    if cell.is_code:
        return {"cell_type": "code", "execution_count": None, "outputs": [], **shared}
    return {"cell_type": "markdown", **shared}


def _first_part(checked: Checked, history: History, is_extended: bool) -> Iterator[Cell]:
    """What the run was, and the run once more through the workbench."""
    spec, method = checked.spec, checked.method
    yield Cell(
        f"# {method.title} on {_quoted(task_name(spec.task))}, twice\n\n"
        f"This notebook repeats run {_quoted(history.run)} of the Transfer Workbench ({__version__}): first through "
        "the workbench, then in plain PyTorch and PEFT. In the end both have the same held-out loss.\n\n"
        f"{_measured(history, checked.objective.unit, is_extended)}",
        is_code=False,
    )
    yield Cell("## 1. Through the workbench\n\n" + _own_file_note(spec), is_code=False)
    yield Cell(PACKAGE.replace("{spec}", _spec_source(spec)).replace("{unit}", checked.objective.unit))


def _measured(history: History, unit: str, is_extended: bool) -> str:
    loss = f"{history.evaluations[-1][1]:.4f}" if history.evaluations else "an unknown"
    told = (
        f"The run itself ended at {loss} {unit} ({one_line(history.device, 20)}, "
        f"{one_line(history.precision, 20)}); here everything is computed in float32."
    )
    added = " Steps were added to it later, which raised its learning rate anew; here they are trained in one go."
    return told + (added if is_extended else "")


def _own_file_note(spec: RunSpec) -> str:
    """A run that was taken away from another machine names that machine's file."""
    if "path" not in spec.task.knobs:
        return "The spec is all that decides a run; knobs that are not named have their defaults."
    if is_hub_path(str(spec.task.knobs["path"])):
        return (
            "The data is a dataset of the hub, fetched once; where no `revision` is named, it is the newest one then."
        )
    return "The data is a file of the machine that the run was made on; where it lies elsewhere now, change `path`."


def _spec_source(spec: RunSpec) -> str:
    """The spec as a Python literal, a field a line, without the parts that stand at their defaults."""
    normal = flat(RunSpec(budget=Budget()))
    budget = {name: value for name, value in spec.to_json()["budget"].items() if normal[f"budget.{name}"] != str(value)}
    fields = {
        "model": spec.model,
        "task": _choice(spec.task),
        "method": _choice(spec.method),
        "objective": _choice(spec.objective),
        "budget": budget,
        "seed": spec.seed,
    }
    lines = [f"        {literal(name)}: {_literal(value)}," for name, value in fields.items()]
    return "\n".join(["    {", *lines, "    }"])


def _choice(choice: Choice) -> dict[str, Any] | str:
    return {"name": choice.name, "knobs": dict(choice.knobs)} if choice.knobs else choice.name


def _literal(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(key)}: {_literal(part)}" for key, part in value.items()) + "}"
    return literal(value)


def _second_part(checked: Checked, run: str) -> Iterator[Cell]:
    """The run in plain PyTorch and PEFT, or a sentence that says why it is not there."""
    spec, method, budget = checked.spec, checked.method, checked.spec.budget
    yield Cell("## 2. In plain PyTorch and PEFT", is_code=False)
    plain = plain_of(method)
    if plain is None or spec.objective.name != OBJECTIVE:
        what = spec.objective if spec.objective.name != OBJECTIVE else spec.method
        yield Cell(f"{_quoted(what.name)} has no plain version here.", is_code=False)
        return
    if checked.card.kind != "decoder" and not checked.task.records("evaluation", 1, 0)[0].prompt:
        yield Cell("What is hidden from a text without prompts is not drawn again here.", is_code=False)
        return
    yield Cell(_needs(checked), is_code=False)
    yield Cell(_data(checked, run))
    yield Cell(f"{script.load(checked.card)}\n{script.settings(checked)}")
    yield Cell(script.explained(checked.card), is_code=False)
    yield Cell(script.encode(checked.card))
    yield Cell(f"**{method.title}.** {method.idea}\n\n`{method.formula}` ({method.paper})", is_code=False)
    yield Cell(plain.code(method, checked.card))
    yield Cell("**The loss** of some examples, and the mean over all held-out ones.", is_code=False)
    yield Cell(script.loss(plain, checked.card))
    if method.trains:
        yield Cell(f"**Training** {plain.told}", is_code=False)
        yield Cell(script.training(plain, budget))
    else:
        yield Cell("**Nothing is trained**, so the loss can be measured at once.", is_code=False)
        yield Cell("model.to(device)")
    yield Cell(f"**Both parts agree.**{ROUNDING if method.trains else ''}", is_code=False)
    compare = (COMPARE_STEPS if method.trains else "") + COMPARE
    yield Cell(compare.replace("{close}", str(CLOSE)).replace("{far}", str(FAR)))


def _needs(checked: Checked) -> str:
    order = "; training examples stand in the order in which they are learned" if checked.method.trains else ""
    return (
        f"Only the next cell needs the workbench. It writes the data as plain files beside this notebook{order}. "
        "Keep these files and the base model, and the cells below run wherever torch, transformers and PEFT are."
    )


def _data(checked: Checked, run: str) -> str:
    entry = find_entry(checked.spec.model)
    is_bundled = entry is not None and entry.is_bundled
    hub_id = entry.hub_id if entry else checked.spec.model
    base = f"find_entry({literal(checked.spec.model)}).folder  # what comes with the workbench"
    return (
        DATA.replace("{imports}", FIND if is_bundled else "")
        .replace("{trained}", "training.jsonl and " if checked.method.trains else "")
        .replace("{folder}", literal(f"{run}-data"))
        .replace("{base}", base if is_bundled else literal(hub_id))
    )


def _quoted(text: object) -> str:
    """Foreign text as markdown shows it and does not read it."""
    return f"`{one_line(text, 120).replace('`', chr(39))}`"
