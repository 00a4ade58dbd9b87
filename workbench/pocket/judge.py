"""The judge of stories: reads text back with the grammar that wrote it and checks its world."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from workbench.pocket.grammar import Binding, Template, parse
from workbench.pocket.plot import Step
from workbench.pocket.plots import PLOTS
from workbench.pocket.plots.intro import FACTS, MEET
from workbench.pocket.world import World, happen, resolve

MOST_WORLDS = 16  # how many ways to understand a story are followed at once
Reading = tuple[Step, Binding]


@dataclass(frozen=True, slots=True)
class StoryVerdict:
    """How many sentences a text has, how many the grammar knows, and what is wrong."""

    sentences: int
    grammatical: int
    consistent: bool
    problems: tuple[str, ...]

    @property
    def is_perfect(self) -> bool:
        """Tell whether every sentence is grammatical and nothing contradicts the world."""
        return self.sentences == self.grammatical and self.consistent


def split_sentences(text: str) -> list[str]:
    """Cut a text into sentences; direct speech stays with the words around it."""
    sentences, start, quoted = [], 0, False
    for place, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        if not quoted and _ends_sentence(text, place):
            sentences.append(text[start : place + 1].strip())
            start = place + 1
    rest = text[start:].strip()
    return [sentence for sentence in (*sentences, rest) if sentence]


def _ends_sentence(text: str, place: int) -> bool:
    character, after = text[place], text[place + 1 : place + 3]
    if character == '"':
        if place == 0 or text[place - 1] not in ".!?":
            return False
    elif character not in ".!?":
        return False
    return not after or (after[0].isspace() and not after[1:].islower())


def is_grammatical(sentence: str, language: str = "english") -> bool:
    """Tell whether the story grammar can produce a sentence, with every agreement right."""
    return next(_readings(sentence, language), None) is not None


def judge_story(text: str, language: str = "english") -> StoryVerdict:
    """Read a story back and follow its world sentence by sentence.

    A sentence may be understood in several ways ("she" may be Mia or Ana); the story is given
    the most charitable understanding.
    """
    worlds: list[tuple[World, tuple[str, ...]]] = [(World(), ())]
    sentences = split_sentences(text)
    grammatical = 0
    for sentence in sentences:
        readings = list(_readings(sentence, language))
        grammatical += bool(readings)
        if readings:
            worlds = _follow(worlds, readings)
    problems = worlds[0][1]
    return StoryVerdict(len(sentences), grammatical, not problems, problems)


@cache
def _patterns(language: str) -> tuple[tuple[Template, Step, str], ...]:
    """Return every sentence of every plot, with its step and its longest fixed part."""
    plots = {plot.title: plot for plot in PLOTS}
    steps = [
        *MEET,
        *FACTS.values(),
        *(step for plot in plots.values() for step in plot.steps),
    ]
    return tuple(
        (sentence, step, max(sentence.literals, key=len)) for step in steps for sentence in step.sentences[language]
    )


def _readings(sentence: str, language: str) -> Iterator[Reading]:
    for pattern, step, fixed in _patterns(language):
        if fixed in sentence:
            for binding in parse(pattern, sentence, language):
                yield step, binding


def _follow(worlds, readings: list[Reading]) -> list[tuple[World, tuple[str, ...]]]:
    """Return the most charitable worlds after one more sentence, best first."""
    after: dict[tuple, tuple[World, tuple[str, ...]]] = {}
    for world, problems in worlds:
        for step, binding in readings:
            for cast in resolve(world, step, binding):
                if isinstance(cast, str):
                    reached, more = world, (cast,)
                else:
                    reached, more = happen(world, step, cast)
                key = reached.signature()
                if key not in after or len(after[key][1]) > len(problems) + len(more):
                    after[key] = (reached, problems + more)
    if not after:  # the only reading lets somebody meet himself
        return [(world, (*problems, "somebody acts on himself")) for world, problems in worlds]
    return sorted(after.values(), key=lambda row: len(row[1]))[:MOST_WORLDS]
