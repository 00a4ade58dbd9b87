"""What a lesson's cells call: a budget, a race in the kernel, tables, pictures, and the parts to compare with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from workbench.anatomy import Anatomy
from workbench.events import Event, Failed, Finished
from workbench.history import History, fold
from workbench.knobs import configure
from workbench.lessons.budget import budget
from workbench.methods import METHODS
from workbench.methods.contract import Method, Tuned
from workbench.models.catalog import find_card
from workbench.models.load import Base, load_base
from workbench.report.race import shown
from workbench.spec import Budget, RunSpec, parse_choice
from workbench.views import VIEWS
from workbench.views.contract import ShownRun
from workbench.views.seeds import group_rows, grouped, number_text

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["Grid", "anatomy", "budget", "figure", "load_base", "losses", "method", "race", "table", "tune"]

Tell = Callable[[str], None]


class Told(Protocol):
    """A run somewhere else, of which one can read what was asked for and what was measured."""

    @property
    def spec(self) -> RunSpec:
        """What was asked for."""

    @property
    def history(self) -> History:
        """What was measured."""


@dataclass(frozen=True)
class Grid:
    """A small table that shows itself in a notebook and in a terminal."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __repr__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.columns))]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
        )

    def _repr_markdown_(self) -> str:
        lines = [self.columns, ("---",) * len(self.columns), *self.rows]
        return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def race(
    model: str,
    task: str,
    methods: Sequence[str],
    seeds: Sequence[int] = (0,),
    tell: Tell | None = print,
    beside: Sequence[Told] = (),
    **training: Any,
) -> list[ShownRun]:
    """Race the methods once for each seed, here in the kernel, and give the runs that every picture takes.

    Args:
        model: a name from `workbench models`, or a folder.
        task: a task, with knobs if you like.
        methods: for example "full" or "lora:rank=4".
        seeds: a race for each; runs that differ in nothing but the seed share a line in the pictures.
        tell: is given a sentence whenever a run ends; None keeps quiet.
        beside: runs that are there already, such as those of a live board, to be shown together with these.
        training: parts of the budget by name, such as steps=100.

    Raises:
        WorkbenchError: a name, a knob or the data does not do.
    """
    part = configure(Budget, training, "budget")
    base = load_base(model)
    first = [RunSpec(model, parse_choice(task), parse_choice(text), budget=part) for text in methods]
    specs, histories = [run.spec for run in beside], [run.history for run in beside]
    for seed in seeds:
        seeded = [replace(spec, seed=seed) for spec in first]
        specs += seeded
        histories += _raced(seeded, base, tell or (lambda sentence: None))
    return shown(specs, histories)


def _raced(specs: list[RunSpec], base: Base, tell: Tell) -> list[History]:
    """The histories of one race, in the order of the specs."""
    from workbench.training import race as training

    names = [f"{place}-{spec.method.name}" for place, spec in enumerate(specs)]
    histories = {name: History(name) for name in names}
    labels = {name: f"{spec.method}, seed {spec.seed}" for name, spec in zip(names, specs, strict=True)}
    for event in training.race(specs, names, base=base):
        fold([event], histories[event.run])
        if sentence := _ended(event, histories[event.run]):
            tell(f"{labels[event.run]}: {sentence}")
    return [histories[name] for name in names]


def _ended(event: Event, history: History) -> str:
    match event:
        case Finished():
            return f"held-out loss {history.evaluations[-1][1]:.3f} after {event.step} steps"
        case Failed():
            return f"failed. {event.error} {event.hint}"
    return ""


def losses(runs: Sequence[ShownRun]) -> dict[str, list[float]]:
    """The final held-out loss (nats per token) of every seed, by the name of the group."""
    return {group.label: [run.history.evaluations[-1][1] for run in group.runs] for group in grouped(runs)}


def table(runs: Sequence[ShownRun]) -> Grid:
    """What each way of tuning reached at its end: mean and standard deviation over seeds."""
    rows = tuple(
        (
            str(row["label"]),
            number_text(row["percent"], ".3g"),
            number_text(row["loss"], ".3f", row["loss_deviation"]),
            number_text(row["metric"], ".3f", row["metric_deviation"]),
            number_text(row["change"], "+.3f", row["change_deviation"]),
            number_text(row["seconds"], ".1f"),
        )
        for row in group_rows(grouped(runs))
    )
    return Grid(("method", "% trained", "held-out loss", "score", "forgetting", "seconds"), rows)


def figure(view: str, runs: Sequence[ShownRun]) -> "go.Figure":
    """A picture of the runs by its name: curves, counts, quality, forgetting, memory, samples, ...

    Raises:
        SpecError: there is no such view.
    """
    part = VIEWS[view]()
    return part.figure(part.table(runs))


def method(choice: str) -> Method:
    """A method with its knobs, from a text such as "lora:rank=4".

    Raises:
        SpecError: the method or a knob is unknown, or out of range.
    """
    parsed = parse_choice(choice)
    return configure(METHODS[parsed.name], parsed.knobs, parsed.name)


def anatomy(model: str, choice: str) -> Anatomy:
    """What a method makes of a model, counted from the model's shape; no weight is read.

    Raises:
        WorkbenchError: the model, the method or a knob does not do.
    """
    return method(choice).anatomy(find_card(model))


def tune(base: Base, choice: str, seed: int = 0) -> Tuned:
    """The package's own version of a method on this base, whose frozen weights it shares; nothing is trained.

    Raises:
        SpecError: the method or a knob does not do.
    """
    import torch

    from workbench.training.bench import share

    generator = torch.Generator().manual_seed(seed)
    return method(choice).apply(share(base.model), base.card, base.tokenizer, generator)
