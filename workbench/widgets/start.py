"""Starting runs from a notebook: a race in a process of its own, or one run in the kernel, loop and all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

from workbench.errors import SpecError
from workbench.events import Event
from workbench.knobs import configure, knobs
from workbench.menu.first_methods import first_methods
from workbench.runs.background import start
from workbench.runs.folder import create_race
from workbench.runs.record import record
from workbench.settings import home
from workbench.spec import Budget, Choice, RunSpec, parse_choice, parse_choices
from workbench.widgets.board import Board
from workbench.widgets.following import Here
from workbench.widgets.still import shell

EXAMPLE = 'names such as "lora" or "lora:rank=4"'
WORDS = "language_modelling"  # the objective where nothing else is said: answers are words


@dataclass(frozen=True)
class Asked:
    """What the runs of a call share, in the words of the call."""

    model: str
    task: str | Choice
    objective: str | Choice
    seed: int
    budget: Mapping[str, Any]


class Picked(Protocol):
    """Something that knows what was picked, as the form of `wb.pick()` does."""

    def specs(self) -> list[RunSpec]:
        """What was picked."""


def race(
    specs: Sequence[RunSpec] | Picked | None = None,
    *,
    model: str = "pocket-gpt",
    task: str | Choice = "describe",
    methods: str | Sequence[str | Choice] | None = None,
    objective: str | Choice = WORDS,
    seed: int = 0,
    **budget: Any,
) -> Board:
    """Race ways of tuning in the background and show their board; the kernel stays free.

    Args:
        specs: runs that are spelled out already, or the form of `wb.pick()`; then the rest is not asked for.
        model: a name of the catalog, a hub id or a folder.
        task: a name, with turned knobs as in "describe:kinds=two".
        methods: names, with turned knobs as in "lora:rank=4"; left out, the six of the first lesson, with
            `feature_based` in place of `none` where a head answers.
        objective: "language_modelling", the answers are words, or "classification", a new head picks a label.
        seed: decides data, order, random starts and samples.
        budget: any part of a budget, as steps=100 or learning_rate=0.01.

    Raises:
        WorkbenchError: what was asked for cannot be run; nothing was started then.
    """
    chosen = chosen_specs(specs, methods, Asked(model, task, objective, seed, budget))
    check(chosen)
    folders = create_race(chosen, home())
    return displayed(Board(folders, Here(start(folders))))


def displayed(board: Board) -> Board:
    """The board, put into the cell that runs where there is one."""
    if shell() is not None:
        board._ipython_display_()
    return board


def train(
    spec: RunSpec | Sequence[RunSpec] | None = None,
    *,
    model: str = "pocket-gpt",
    task: str | Choice = "describe",
    method: str | Choice = "lora",
    objective: str | Choice = WORDS,
    seed: int = 0,
    **budget: Any,
) -> Iterator[Event]:
    """Train one run in this kernel and yield its events as they happen, each of them journaled.

    `spec` is a run that is spelled out already, or a list of one; else the words are those of `race`.

    Raises:
        WorkbenchError: what was asked for cannot be run; nothing was started then.
    """
    if spec is None:
        chosen = specs_of(choices([method]), Asked(model, task, objective, seed, budget))
    else:
        chosen = spelled_out([spec] if isinstance(spec, RunSpec) else spec)
    if len(chosen) != 1:
        raise SpecError("the number of runs to train here", len(chosen), "1", "wb.race trains several side by side.")
    check(chosen)
    return record(chosen, home())


def chosen_specs(
    specs: Sequence[RunSpec] | Picked | None, methods: str | Sequence[str | Choice] | None, asked: Asked
) -> list[RunSpec]:
    """The runs that the words of `race` ask for.

    Raises:
        SpecError: a word cannot be read.
    """
    if specs is None:
        if methods is None:
            methods = first_methods(_choice("objective", asked.objective, WORDS).name)
        return specs_of(choices(methods), asked)
    return spelled_out(cast(Picked, specs).specs() if hasattr(specs, "specs") else specs)


def spelled_out(specs: Sequence[RunSpec]) -> list[RunSpec]:
    """The runs, each of which is looked at.

    Raises:
        SpecError: one of them is none.
    """
    for spec in specs:
        if not isinstance(spec, RunSpec):
            raise SpecError("a run", spec, "a RunSpec, as wb.pick().value holds them")
    return list(specs)


def specs_of(methods: Sequence[Choice], asked: Asked) -> list[RunSpec]:
    """A spec for each method.

    Raises:
        SpecError: a part of the budget is unknown, or a value is out of range.
    """
    for name in asked.budget:
        if name not in knobs(Budget):
            _refuse_word(name)
    seed = asked.seed
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise SpecError("seed", seed, "a whole number, 0 or more")
    shared = RunSpec(
        model=str(asked.model),
        task=_choice("task", asked.task, "describe"),
        objective=_choice("objective", asked.objective, WORDS),
        budget=configure(Budget, asked.budget, "budget"),
        seed=seed,
    )
    return [replace(shared, method=choice) for choice in methods]


def _choice(part: str, value: object, example: str) -> Choice:
    """A word of a call as the part that it names."""
    chosen = parse_choice(value) if isinstance(value, str) else value
    if not isinstance(chosen, Choice):
        raise SpecError(part, value, f'names such as "{example}"')
    return chosen


def check(specs: Sequence[RunSpec]) -> None:
    """Look at everything that can be wrong before anything is built.

    Raises:
        SpecError, ModelError, DataError: the first thing that is wrong.
    """
    from workbench.training.check import check_race

    first = check_race(specs)[0]
    first.task.records("train", 1, first.spec.seed)


def _refuse_word(name: str) -> None:
    """A word that is neither a part of the budget nor of the call."""
    import difflib

    words = ["model", "task", "methods", "objective", "seed", *knobs(Budget)]
    near = difflib.get_close_matches(name, words, n=1)
    raise SpecError("a setting", name, "one of " + ", ".join(words), f"Did you mean {near[0]}?" if near else "")


def choices(methods: str | Sequence[str | Choice]) -> list[Choice]:
    """The methods that the word of a call names.

    Raises:
        SpecError: it names none.
    """
    if isinstance(methods, str):
        return parse_choices([methods])
    if isinstance(methods, Choice):
        return [methods]
    if not isinstance(methods, (list, tuple)) or not all(isinstance(method, (str, Choice)) for method in methods):
        raise SpecError("methods", methods, EXAMPLE)
    return [
        choice for method in methods for choice in (parse_choices([method]) if isinstance(method, str) else [method])
    ]
