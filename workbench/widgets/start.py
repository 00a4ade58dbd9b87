"""Starting runs from a notebook: a race in a process of its own, or one run in the kernel, loop and all."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

from workbench.errors import SpecError
from workbench.events import Event
from workbench.knobs import configure, knobs
from workbench.runs.background import start
from workbench.runs.folder import create_race
from workbench.runs.record import record
from workbench.settings import home
from workbench.spec import Budget, Choice, RunSpec, parse_choice, parse_choices
from workbench.widgets.board import Board
from workbench.widgets.following import Here
from workbench.widgets.still import shell

METHODS = ("none", "full", "adapter", "prefix", "prompt", "lora")
EXAMPLE = 'names such as "lora" or "lora:rank=4"'


class Picked(Protocol):
    """Something that knows what was picked, as the form of `wb.pick()` does."""

    def specs(self) -> list[RunSpec]:
        """What was picked."""


def race(
    specs: Sequence[RunSpec] | Picked | None = None,
    *,
    model: str = "pocket-gpt",
    task: str | Choice = "describe",
    methods: str | Sequence[str | Choice] = METHODS,
    seed: int = 0,
    **budget: Any,
) -> Board:
    """Race ways of tuning in the background and show their board; the kernel stays free.

    Args:
        specs: runs that are spelled out already, or the form of `wb.pick()`; then the rest is not asked for.
        model: a name of the catalog, a hub id or a folder.
        task: a name, with turned knobs as in "describe:kinds=two".
        methods: names, with turned knobs as in "lora:rank=4".
        seed: decides data, order, random starts and samples.
        budget: any part of a budget, as steps=100 or learning_rate=0.01.

    Raises:
        WorkbenchError: what was asked for cannot be run; nothing was started then.
    """
    chosen = chosen_specs(specs, model, task, methods, seed, budget)
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
    seed: int = 0,
    **budget: Any,
) -> Iterator[Event]:
    """Train one run in this kernel and yield its events as they happen, each of them journaled.

    `spec` is a run that is spelled out already, or a list of one; else the words are those of `race`.

    Raises:
        WorkbenchError: what was asked for cannot be run; nothing was started then.
    """
    if spec is None:
        chosen = specs_of(model, task, choices([method]), seed, budget)
    else:
        chosen = spelled_out([spec] if isinstance(spec, RunSpec) else spec)
    if len(chosen) != 1:
        raise SpecError("the number of runs to train here", len(chosen), "1", "wb.race trains several side by side.")
    check(chosen)
    return record(chosen, home())


def chosen_specs(
    specs: Sequence[RunSpec] | Picked | None,
    model: str,
    task: str | Choice,
    methods: str | Sequence[str | Choice],
    seed: int,
    budget: Mapping[str, Any],
) -> list[RunSpec]:
    """The runs that the words of `race` ask for.

    Raises:
        SpecError: a word cannot be read.
    """
    if specs is None:
        return specs_of(model, task, choices(methods), seed, budget)
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


def specs_of(
    model: str, task: str | Choice, methods: Sequence[Choice], seed: int, budget: Mapping[str, Any]
) -> list[RunSpec]:
    """A spec for each method.

    Raises:
        SpecError: a part of the budget is unknown, or a value is out of range.
    """
    for name in budget:
        if name not in knobs(Budget):
            _refuse_word(name)
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise SpecError("seed", seed, "a whole number, 0 or more")
    where = parse_choice(task) if isinstance(task, str) else task
    if not isinstance(where, Choice):
        raise SpecError("task", task, EXAMPLE.replace("lora:rank=4", "describe").replace('"lora" or ', ""))
    spent = configure(Budget, budget, "budget")
    return [RunSpec(model=str(model), task=where, method=choice, budget=spent, seed=seed) for choice in methods]


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

    words = ["model", "task", "methods", "seed", *knobs(Budget)]
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
