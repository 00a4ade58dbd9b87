"""The small world behind a story: who is known, who is where, who holds what.

The judge plays a story's events on such a world; an event that cannot happen is a problem.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, product

from workbench.pocket.grammar import Binding
from workbench.pocket.plot import Step
from workbench.pocket.words import ROLE_TYPES, Word

# These may be mentioned out of the blue; everybody and everything else must be introduced.
FREE_ROLES = frozenset(("place", "spot", "liked", "age", "home", "time", "colour", "game"))

Cast = Mapping[str, frozenset[Word]]


@dataclass(slots=True)
class World:
    """What is known so far. A thing is known as the words it may be: "the ball" has any color."""

    known: dict[tuple[str, str], frozenset[Word]] = field(default_factory=dict)
    place: dict[str, str] = field(default_factory=dict)
    holder: dict[str, str | None] = field(default_factory=dict)
    kept: dict[tuple[str, str], frozenset[Word]] = field(default_factory=dict)

    def copy(self) -> "World":
        """Return a world that can change without changing this one."""
        return World(dict(self.known), dict(self.place), dict(self.holder), dict(self.kept))

    def signature(self) -> tuple:
        """Return something equal for worlds in which the same is true."""
        parts = (self.known, self.place, self.holder, self.kept)
        return tuple(frozenset(part.items()) for part in parts)


def resolve(world: World, step: Step, binding: Binding) -> Iterator[Cast | str]:
    """Yield every cast of one reading that fits the world: "she" may be any known girl.

    Yields one string, the problem, if a role fits nobody and nothing that is known.
    """
    introduced = {phrase[1] for phrase in step.effects if phrase[0] == "new"}
    options = []
    for role, words in binding.items():
        if role not in FREE_ROLES and role not in introduced:
            words = _known(world, role, words)
            if not words:
                yield f"{_spoken(binding[role])} is not known"
                return
        options.append([(role, group) for group in _by_key(words)])
    for choice in product(*options):
        cast = dict(choice)
        if not _same_person(cast):
            yield cast


def _known(world: World, role: str, words: frozenset[Word]) -> frozenset[Word]:
    kind = ROLE_TYPES[role]
    found: set[Word] = set()
    for word in words:
        found |= words & world.known.get((kind, word.key), frozenset())
    return frozenset(found)


def _by_key(words: frozenset[Word]) -> list[frozenset[Word]]:
    ordered = sorted(words, key=lambda word: word.key)
    return [frozenset(group) for _, group in groupby(ordered, key=lambda word: word.key)]


def _same_person(cast: Cast) -> bool:
    return "a" in cast and "b" in cast and _key(cast, "a") == _key(cast, "b")


def _key(cast: Cast, role: str) -> str:
    return next(iter(cast[role])).key


def _spoken(words: frozenset[Word]) -> str:
    return " or ".join(sorted({word.key for word in words})[:3])


def happen(world: World, step: Step, cast: Cast) -> tuple[World, tuple[str, ...]]:
    """Return the world after an event, and what was wrong with it."""
    after = world.copy()
    for role, words in cast.items():
        if role not in FREE_ROLES:
            entity = (ROLE_TYPES[role], _key(cast, role))
            after.known[entity] = words & after.known.get(entity, words) or words
    problems = []
    for verb, *roles in step.effects:
        if problem := VERBS[verb](after, world, cast, *roles):
            problems.append(problem)
    return after, tuple(problems)


def _new(after: World, before: World, cast: Cast, role: str) -> str | None:
    if (ROLE_TYPES[role], _key(cast, role)) in before.known:
        return f"{_key(cast, role)} is introduced twice"
    return None


def _own(after: World, before: World, cast: Cast, who: str, thing: str) -> str | None:
    after.holder[_key(cast, thing)] = _key(cast, who)
    return None


def _has(after: World, before: World, cast: Cast, who: str, thing: str) -> str | None:
    if before.holder.get(_key(cast, thing)) != _key(cast, who):
        return f"{_key(cast, who)} does not have the {_key(cast, thing)}"
    return None


def _take(after: World, before: World, cast: Cast, who: str, thing: str) -> str | None:
    holder = before.holder.get(_key(cast, thing))
    after.holder[_key(cast, thing)] = _key(cast, who)
    if holder not in (None, _key(cast, who)):
        return f"{holder} has the {_key(cast, thing)}"
    return None


def _give(after: World, before: World, cast: Cast, who: str, receiver: str, thing: str) -> str | None:
    after.holder[_key(cast, thing)] = _key(cast, receiver)
    return _has(after, before, cast, who, thing)


def _drop(after: World, before: World, cast: Cast, who: str, thing: str) -> str | None:
    after.holder[_key(cast, thing)] = None
    return _has(after, before, cast, who, thing)


def _go(after: World, before: World, cast: Cast, who: str, place: str) -> str | None:
    after.place[_key(cast, who)] = _key(cast, place)
    return None


def _at(after: World, before: World, cast: Cast, who: str, place: str) -> str | None:
    if before.place.get(_key(cast, who)) != _key(cast, place):
        return f"{_key(cast, who)} is not at the {_key(cast, place)}"
    return None


def _join(after: World, before: World, cast: Cast, who: str, place: str) -> str | None:
    after.place[_key(cast, who)] = _key(cast, place)
    if _key(cast, place) not in before.place.values():
        return f"nobody is at the {_key(cast, place)}"
    return None


def _keep(after: World, before: World, cast: Cast, name: str, who: str, role: str) -> str | None:
    fact = (name, _key(cast, who))
    agreed = cast[role] & before.kept.get(fact, cast[role])
    after.kept[fact] = agreed or cast[role]
    return None if agreed else f"the {name} of {_key(cast, who)} changes"


VERBS = {
    "new": _new,
    "own": _own,
    "has": _has,
    "take": _take,
    "give": _give,
    "drop": _drop,
    "go": _go,
    "at": _at,
    "join": _join,
    "keep": _keep,
}
