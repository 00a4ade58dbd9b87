"""What a plot is: events in order, each with what it changes and ways to say it."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.pocket.grammar import Template, template

# What happens in an event, as short phrases over roles; `world.py` says what each verb means:
# new X | own P T | has P T | take P T | give P Q T | drop P T | go P L | at P L |
# join P L | keep NAME P X


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a plot: its effects on the world and its sentences in each language."""

    effects: tuple[tuple[str, ...], ...]
    sentences: dict[str, tuple[Template, ...]]
    chance: float


@dataclass(frozen=True, slots=True)
class Plot:
    """A kind of story: a title, its events in order, and what its cast must look like.

    `things` is "toy" where only toys make sense, `child` asks for a girl or a boy as hero,
    `without` lists intro facts that would disturb the plot.
    """

    title: str
    steps: tuple[Step, ...]
    child: bool = False
    without: tuple[str, ...] = ()


def step(effects: str, english: Sequence[str], spanish: Sequence[str], chance: float = 1.0) -> Step:
    """Write down an event: effects are separated by semicolons, as in "go a place; new b"."""
    phrases = tuple(tuple(phrase.split()) for phrase in effects.split(";") if phrase.strip())
    sentences = {
        "english": tuple(template(text) for text in english),
        "spanish": tuple(template(text) for text in spanish),
    }
    return Step(phrases, sentences, chance)
