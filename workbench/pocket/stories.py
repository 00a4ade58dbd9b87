"""Stories: a plot, a cast and one sentence an event, in English or in Spanish.

Who plays in a story and what happens is drawn first; the words come after. So one seed gives the
same story in either language.
"""

from collections.abc import Mapping
from functools import cache
from random import Random

from workbench.pocket import wordlists
from workbench.pocket.grammar import Template
from workbench.pocket.plot import Plot, Step
from workbench.pocket.plots import PLOTS
from workbench.pocket.plots.intro import FACTS, MEET
from workbench.pocket.words import Word, entries

CHILDREN = len(wordlists.GIRLS) + len(wordlists.BOYS)
ANIMAL_SHARE = 0.15
FACT_SHARE = (0.25, 0.6)  # no fact below the first, one below the second, two above
INTRO_FACTS = tuple(FACTS)

# Roles that any word of their kind may play; the hero, the friend and the rest are drawn apart.
FREE_ROLES = (
    ("elder", "elder"),
    ("spot", "spot"),
    ("food", "food"),
    ("liked", "food"),
    ("work", "work"),
    ("skill", "skill"),
    ("chore", "chore"),
    ("fright", "fright"),
    ("age", "age"),
    ("home", "home"),
    ("time", "time"),
    ("colour", "colour"),
    ("game", "game"),
    ("pet", "pet"),
)


@cache
def _choices(language: str) -> tuple[tuple[str, tuple[Word, ...], int], ...]:
    """Return (role, words, how many words) for each free role."""
    rows = ((role, entries(kind, language)) for role, kind in FREE_ROLES)
    things = entries("thing", language)[: wordlists.TOYS * len(wordlists.COLOURS)]
    outings = entries("place", language)[: wordlists.OUTINGS]
    rows = (*rows, ("thing", things), ("place", outings))
    return tuple((role, words, len(words)) for role, words in rows)


def cast(rng: Random, plot: Plot, language: str) -> dict[str, Word]:
    """Draw the words that play each role of a story."""
    random = rng.random
    people = entries("person", language)
    hero = _character(random, plot.child)
    friend = _character(random, False)
    while friend == hero:
        friend = _character(random, False)
    roles = {role: words[int(random() * size)] for role, words, size in _choices(language)}
    roles["a"], roles["b"] = people[hero], people[friend]
    return roles


def _character(random, child: bool) -> int:
    if child or random() >= ANIMAL_SHARE:
        return int(random() * CHILDREN)
    return CHILDREN + int(random() * len(wordlists.ANIMALS))


def events(rng: Random, plot: Plot, hero_is_child: bool) -> list[Step]:
    """Draw what happens: how the story begins, and which optional events take place."""
    random = rng.random
    steps = [MEET[int(random() * len(MEET))]]
    draw = random()
    for _ in range((draw >= FACT_SHARE[0]) + (draw >= FACT_SHARE[1])):
        name = INTRO_FACTS[int(random() * len(INTRO_FACTS))]
        fact = FACTS[name]
        known = fact in steps or name in plot.without or (name == "pet" and not hero_is_child)
        if not known and not (name == "home" and steps[0] is MEET[2]):
            steps.append(fact)
    steps.extend(step for step in plot.steps if step.chance == 1.0 or random() < step.chance)
    return steps


def _sentences(rng: Random, plot: Plot, language: str) -> tuple[list[Template], Mapping[str, Word]]:
    roles = cast(rng, plot, language)
    steps = events(rng, plot, roles["a"].key not in ANIMAL_NAMES)
    random = rng.random
    told = []
    for step in steps:
        ways = step.sentences[language]
        told.append(ways[int(random() * len(ways))])
    return told, roles


ANIMAL_NAMES = frozenset(name for name, *_ in wordlists.ANIMALS)


def story(rng: Random, language: str = "english", plot: Plot | None = None) -> str:
    """Tell one story; the same rng state gives the same events in either language."""
    plot = plot or PLOTS[int(rng.random() * len(PLOTS))]
    told, roles = _sentences(rng, plot, language)
    return " ".join([sentence.text for sentence in told]).format_map(roles)


def story_prompts(seed: int, count: int, language: str = "english") -> list[str]:
    """Return first sentences of fresh stories, for a model to go on from."""
    prompts = []
    for index in range(count):
        rng = Random(f"story prompt {seed} {index}")
        plot = PLOTS[int(rng.random() * len(PLOTS))]
        told, roles = _sentences(rng, plot, language)
        prompts.append(told[0].render(roles))
    return prompts
