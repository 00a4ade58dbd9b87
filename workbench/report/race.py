"""A race as the report and the screen show it: the specs, what was measured, and how each run looks."""

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from workbench.errors import SpecError
from workbench.history import History
from workbench.knobs import knobs
from workbench.methods import METHODS
from workbench.spec import Budget, Choice, RunSpec
from workbench.tasks import TASKS
from workbench.views.colour import styles
from workbench.views.contract import ShownRun
from workbench.views.text import one_line

OWN_FILE = "own_file"


@dataclass(frozen=True)
class Race:
    """Runs that share model, task, seed and budget; `machine` are facts about where they ran, by name."""

    specs: tuple[RunSpec, ...]
    runs: tuple[ShownRun, ...]
    machine: Mapping[str, str] = field(default_factory=dict)


def shown(specs: Sequence[RunSpec], histories: Sequence[History]) -> list[ShownRun]:
    """Each run with its label and its look; a part that this version does not know is shown by its name."""
    places = [_place(spec.method.name) for spec in specs]
    looks = zip(labels(specs), styles(places), specs, histories, strict=True)
    return [
        ShownRun(
            label=label,
            method=spec.method.name,
            style=style,
            history=history,
            metric=TASKS[spec.task.name].metric if spec.task.name in TASKS else "",
            starts_at_base=_starts_at_base(spec.method),
            trains=spec.method.name not in METHODS or METHODS[spec.method.name].trains,
        )
        for label, style, spec, history in looks
    ]


def labels(specs: Sequence[RunSpec]) -> list[str]:
    """The method and its turned knobs; the seed and a number too where that would not tell two runs apart."""
    names = [one_line(spec.method) for spec in specs]
    if len({spec.seed for spec in specs}) > 1:
        names = [f"{name} seed {spec.seed}" for name, spec in zip(names, specs, strict=True)]
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return unique


def model_name(model: str) -> str:
    """The model's name; of a local folder its last part."""
    is_path = model.startswith((".", "/", "~")) or "\\" in model
    return one_line(PurePath(model).name or model) if is_path else one_line(model)


def task_name(task: Choice) -> str:
    """The task and its turned knobs; of your own file its name."""
    path = task.knobs.get("path") if task.name == OWN_FILE else None
    return one_line(PurePath(str(path)).name) if path else one_line(task)


def command(specs: Sequence[RunSpec]) -> str:
    """The command that repeats the race."""
    first = specs[0]
    words = ["workbench", "race", "--model", first.model, *_task_words(first.task)]
    for spec in specs:
        words += ["-m", str(spec.method)]
    words += ["--seed", str(first.seed)]
    for name, setting in knobs(Budget).items():
        value = getattr(first.budget, name)
        if value != setting.default:
            words += ["--budget", f"{name}={value}"]
    return shlex.join(words)


def _task_words(task: Choice) -> list[str]:
    values = dict(task.knobs)
    if task.name != OWN_FILE or "path" not in values:
        return ["--task", str(task)]
    words = ["--data", str(values.pop("path"))]
    for name in ("prompt_column", "target_column"):
        if name in values:
            words += [f"--{name.replace('_', '-')}", str(values.pop(name))]
    return [*words, "--task", str(Choice(OWN_FILE, values))] if values else words


def _place(method: str) -> int:
    return list(METHODS).index(method) if method in METHODS else len(METHODS)


def _starts_at_base(method: Choice) -> bool:
    """Whether the run's first answers are the base's, with nothing added to its prompt."""
    try:
        part = METHODS[method.name]
    except SpecError:
        return False
    return part.starts_at_base and str(method.knobs.get("examples", "0")) == "0"
