"""Runs as the report and the screen show them: the specs, what was measured, and how each run looks."""

import shlex
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from workbench.errors import SpecError
from workbench.history import History
from workbench.knobs import configure, knobs
from workbench.methods import METHODS, place_of
from workbench.objectives import OBJECTIVES
from workbench.report.differences import flat, is_one_race
from workbench.spec import Budget, Choice, RunSpec
from workbench.tasks import TASKS
from workbench.tasks.hub_data import is_hub_path
from workbench.units import UNKNOWN
from workbench.views.colour import Style, styles
from workbench.views.contract import ShownRun
from workbench.views.text import one_line

OWN_FILE = "own_file"


@dataclass(frozen=True)
class Race:
    """Runs of one race, or runs of several that somebody put side by side.

    `machine` are facts about where they ran, by name.
    """

    specs: tuple[RunSpec, ...]
    runs: tuple[ShownRun, ...]
    machine: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_one(self) -> bool:
        """Whether the runs share model, task, seed and budget."""
        return is_one_race(self.specs)


def shown(specs: Sequence[RunSpec], histories: Sequence[History]) -> list[ShownRun]:
    """Each run with its label and its look; a part that this version does not know is shown by its name."""
    groups = group_labels(specs)
    looks = _looks(specs, groups)
    return [
        ShownRun(
            label=label,
            method=spec.method.name,
            style=looks[group],
            history=history,
            metric=TASKS[spec.task.name].metric if spec.task.name in TASKS else "",
            starts_at_base=_starts_at_base(spec),
            trains=spec.method.name not in METHODS or METHODS[spec.method.name].trains,
            seed=spec.seed,
            group=group,
            task=whole_task_name(spec.task),
            model=model_name(spec.model),
            objective=one_line(spec.objective).replace("_", " "),
            unit=OBJECTIVES[spec.objective.name].unit if spec.objective.name in OBJECTIVES else UNKNOWN,
            settings=_settings(spec.method, history),
            scores=TASKS[spec.task.name].scores if spec.task.name in TASKS else {},
        )
        for label, group, spec, history in zip(labels(specs), groups, specs, histories, strict=True)
    ]


def labels(specs: Sequence[RunSpec]) -> list[str]:
    """What each run is called: its group, and the seed too where runs differ in it; no two are the same."""
    groups = group_labels(specs)
    if len({spec.seed for spec in specs}) < 2:
        return groups
    return [f"{group}, seed {spec.seed}" for group, spec in zip(groups, specs, strict=True)]


def group_labels(specs: Sequence[RunSpec]) -> list[str]:
    """What runs that differ in nothing but the seed are called together.

    The method and its turned knobs; model, task, objective, steps and rate where they differ; a number where that does
    not tell two groups apart. A spec that is there twice is a group of its own: doing a seed again is no other seed.
    """
    names = _names(specs)
    times: Counter[object] = Counter()
    seen: Counter[str] = Counter()
    found: dict[object, str] = {}
    groups = []
    for spec, name in zip(specs, names, strict=True):
        times[_key(spec)] += 1
        key = (_key(replace(spec, seed=0)), times[_key(spec)])
        if key not in found:
            seen[name] += 1
            found[key] = f"{name} ({seen[name]})" if seen[name] > 1 else name
        groups.append(found[key])
    return groups


def _key(spec: RunSpec) -> object:
    return frozenset(flat(spec).items())


def _names(specs: Sequence[RunSpec]) -> list[str]:
    """The method of each spec, and what else differs between them."""
    parts: tuple[Callable[[RunSpec], str], ...] = (
        lambda spec: model_name(spec.model),
        lambda spec: whole_task_name(spec.task),
        lambda spec: one_line(spec.objective).replace("_", " "),
        lambda spec: f"{spec.budget.steps} steps",
        lambda spec: f"rate {spec.budget.learning_rate:g}" if spec.budget.learning_rate else "own rate",
    )
    telling = [part for part in parts if len({part(spec) for spec in specs}) > 1]
    return [", ".join([one_line(spec.method), *(part(spec) for part in telling)]) for spec in specs]


def _looks(specs: Sequence[RunSpec], groups: Sequence[str]) -> dict[str, Style]:
    """A look for each group."""
    first = {group: spec for spec, group in zip(reversed(specs), reversed(groups), strict=True)}
    order = list(dict.fromkeys(groups))
    return dict(zip(order, styles([place_of(first[group].method.name) for group in order]), strict=True))


def _settings(method: Choice, history: History) -> dict[str, float]:
    """The method's numbers as they were in this run, turned or not, and the learning rate."""
    rate = {"learning rate": history.learning_rate} if history.learning_rate else {}
    try:
        part = configure(METHODS[method.name], method.knobs, method.name)
    except SpecError:  # of another version
        return rate
    values = {name: getattr(part, name) for name, knob in knobs(type(part)).items() if knob.type in (int, float)}
    return {name.replace("_", " "): float(value) for name, value in values.items()} | rate


def model_name(model: str) -> str:
    """The model's name; of a local folder its last part."""
    is_path = model.startswith((".", "/", "~")) or "\\" in model
    return one_line(PurePath(model).name or model) if is_path else one_line(model)


def task_name(task: Choice) -> str:
    """The task and its turned knobs; of your own file its name, of a dataset of the hub its id."""
    path = str(task.knobs.get("path") or "") if task.name == OWN_FILE else ""
    return one_line(path if is_hub_path(path) else PurePath(path).name) if path else one_line(task)


def whole_task_name(task: Choice) -> str:
    """The task with all its turned knobs; of your own file the name, not the folder."""
    if task.name != OWN_FILE or "path" not in task.knobs:
        return one_line(task)
    rest = {name: value for name, value in task.knobs.items() if name != "path"}
    return one_line(Choice(task_name(task), rest))


def command(specs: Sequence[RunSpec]) -> str:
    """The command that repeats the race; of runs of several races a line for each."""
    races: dict[object, list[RunSpec]] = {}
    for spec in specs:
        races.setdefault(_key(replace(spec, method=Choice(""))), []).append(spec)
    return "\n".join(_command(race) for race in races.values())


def _command(specs: Sequence[RunSpec]) -> str:
    first = specs[0]
    words = ["workbench", "race", "--model", first.model, *_task_words(first.task)]
    if first.objective != RunSpec().objective:
        words += ["--objective", str(first.objective)]
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


def _starts_at_base(spec: RunSpec) -> bool:
    """Whether the run's first answers are the base's, with nothing added to its prompt and no new head."""
    try:
        part, objective = METHODS[spec.method.name], OBJECTIVES[spec.objective.name]
    except SpecError:
        return False
    return part.starts_at_base and not objective.by_head and str(spec.method.knobs.get("examples", "0")) == "0"
