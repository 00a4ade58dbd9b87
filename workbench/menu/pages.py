"""The pages of Learn as plain data: one for each idea and each method, read from their own texts.

The Learn tab and the documents in docs/ are written from these same pages.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from workbench.errors import WorkbenchError
from workbench.ideas import IDEAS
from workbench.ideas.contract import Idea, Race
from workbench.knobs import knobs
from workbench.menu.counts import counted
from workbench.menu.figures import BATCH, MODEL, TOKENS, idea_figure, label_of, method_figure, size
from workbench.menu.svg import Picture
from workbench.methods import METHODS
from workbench.methods.contract import Method
from workbench.models.catalog import find_card
from workbench.spec import Choice, parse_choice


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it; `is_formula`: letter by letter."""

    heading: str
    text: str
    is_formula: bool = False


@dataclass(frozen=True)
class Page:
    """One page: plain words (`plain`) lead, then a picture and sections, a table of knobs, and a race to try it.

    `title` is the heading, `term` the technical word where the heading is in plain words. `picture` is None where the
    bundled model is not there.
    """

    name: str
    kind: Literal["idea", "method"]
    title: str
    term: str
    plain: str
    picture: Picture | None
    caption: str
    sections: tuple[Section, ...]
    knobs: tuple[tuple[str, str, str], ...]  # name, default, what it does
    race: Race

    @property
    def invitation(self) -> str:
        """What the link to the race says."""
        labels = [label_of(parse_choice(method)) for method in self.race.methods]
        return f"Try it: race {', '.join(labels[:-1])} and {labels[-1]}"


def idea_pages() -> list[Page]:
    """A page for each idea, in teaching order."""
    return [_idea_page(IDEAS[name]) for name in IDEAS]


def method_pages() -> list[Page]:
    """A page for each method, in teaching order."""
    return [_method_page(METHODS[name]) for name in METHODS]


def link(race: Race) -> str:
    """The address that opens the race in the set-up form."""
    methods = [("m", method) for method in race.methods]
    budget = [(f"b.{name}", value) for name, value in race.budget.items()]
    seeds = [("seeds", race.seeds)] if race.seeds > 1 else []
    return "?" + urlencode([("model", MODEL), ("task", race.task), *methods, *budget, *seeds], safe=":")


def command(race: Race) -> str:
    """The same race for the command line, one line for each seed."""
    flags = [f"--model {MODEL} --task {race.task}", *(f"-m {method}" for method in race.methods)]
    flags += [f"--budget {name}={value}" for name, value in race.budget.items()]
    return "\n".join(f".venv/bin/workbench race {' '.join(flags)} --seed {seed}" for seed in range(race.seeds))


def _idea_page(idea: type[Idea]) -> Page:
    sections = (
        Section("The idea", idea.idea),
        Section("Formula", idea.formula, is_formula=True),
        Section("Measured here", f"{idea.measured} (docs/results.md, {idea.source})"),
        Section("Read on", idea.paper),
    )
    picture = _picture_of(idea)
    shown = tuple(section for section in sections if section.text)
    return Page(idea.name, "idea", idea.title, idea.term, idea.plain, picture, idea.figure.title, shown, (), idea.race)


def _method_page(method: type[Method]) -> Page:
    sections = (
        Section("The idea", method.idea),
        Section("What moves", _moves(method)),
        Section("Formula", method.formula, is_formula=True),
        Section("When to use it", method.when),
        Section("What the paper found", method.finding),
        Section("Paper", method.paper),
    )
    table = tuple(
        (knob.name.replace("_", " "), str(knob.default), knob.help.replace("\n", " "))
        for knob in knobs(method).values()
    )
    others = [name for name in ("none", "full") if name != method.name]
    race = Race((*others, method.name))
    caption = f"{method.title} in {MODEL}"
    shown = tuple(section for section in sections if section.text)
    return Page(method.name, "method", method.title, "", method.plain, _xray_of(method), caption, shown, table, race)


def _moves(method: type[Method]) -> str:
    """The counts of the method as it is by default; empty where the bundled model is not there."""
    try:
        row = counted(find_card(MODEL), Choice(method.name), BATCH, TOKENS)
    except WorkbenchError:
        return ""
    if not row["trainable"]:
        return f"Nothing: all {row['total']:,} numbers of {MODEL} stay as they are."
    new = "" if not row["added"] else ", all of them new" if row["added"] == row["trainable"] else ", some of them new"
    share = f"{row['trainable']:,} of {row['total']:,} numbers move ({row['percent']:.3g} %){new}"
    return f"In {MODEL} {share}. What was learned is saved in {size(row['checkpoint_bytes'])}."


def _xray_of(method: type[Method]) -> Picture | None:
    try:
        return method_figure(method.name)
    except WorkbenchError:
        return None


def _picture_of(idea: type[Idea]) -> Picture | None:
    try:
        return idea_figure(idea.figure)
    except WorkbenchError:
        return None
