"""Templates: one sentence pattern that can be written out and read back.

A template such as ``"{a} gave {thing.the} to {b}."`` has slots. A slot names a role (``thing``)
and a form of the word that plays it (``the`` -> "the ball"). Rendering fills the slots; parsing
finds which words could have filled them, so the text generator is its own judge.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from workbench.pocket.words import ROLE_TYPES, Word, entries

SLOT = re.compile(r"\{(\w+)(?:\.(\w+))?\}")

Binding = Mapping[str, frozenset[Word]]


@dataclass(frozen=True, slots=True)
class Template:
    """One sentence pattern: ready for ``str.format_map``, and as pieces for reading back."""

    text: str
    literals: tuple[str, ...]
    slots: tuple[tuple[str, str], ...]

    def render(self, cast: Mapping[str, Word]) -> str:
        """Return the sentence with every slot filled from `cast`."""
        return self.text.format_map(cast)

    @property
    def roles(self) -> frozenset[str]:
        """Return the names of the roles that the sentence mentions."""
        return frozenset(role for role, _ in self.slots)


def template(pattern: str) -> Template:
    """Compile a pattern; a slot without a form, ``{a}``, means the word's name."""
    pieces = SLOT.split(pattern)
    slots = tuple(zip(pieces[1::3], (form or "name" for form in pieces[2::3]), strict=True))
    text = SLOT.sub(lambda slot: f"{{{slot[1]}.{slot[2] or 'name'}}}", pattern)
    return Template(text, tuple(pieces[0::3]), slots)


@cache
def readings(kind: str, form: str, language: str) -> dict[str, frozenset[Word]]:
    """Return every spelling of a form of a kind of word, with the words it may stand for."""
    table: dict[str, set[Word]] = {}
    for word in entries(kind, language):
        table.setdefault(getattr(word, form), set()).add(word)
    return {spelling: frozenset(words) for spelling, words in table.items()}


def parse(pattern: Template, sentence: str, language: str) -> Iterator[Binding]:
    """Yield every way to read `sentence` as `pattern`: for each role, the words it may be.

    A role that appears twice must agree with itself, so "Mia lost his ball" does not parse
    as ``{a} lost {a.her} ball.``
    """
    if sentence.startswith(pattern.literals[0]) and sentence.endswith(pattern.literals[-1]):
        yield from _fill(pattern, sentence, language, 0, len(pattern.literals[0]), {})


def _fill(pattern, sentence, language, index, start, found) -> Iterator[Binding]:
    if index == len(pattern.slots):
        if start == len(sentence):
            yield found
        return
    role, form = pattern.slots[index]
    table = readings(ROLE_TYPES[role], form, language)
    for end in _ends(sentence, start, pattern.literals[index + 1]):
        words = table.get(sentence[start:end])
        if words and (agreed := words & found.get(role, words)):
            after = end + len(pattern.literals[index + 1])
            yield from _fill(pattern, sentence, language, index + 1, after, found | {role: agreed})


def _ends(sentence: str, start: int, literal: str) -> Iterator[int]:
    """Yield the places where a slot that begins at `start` may end: before `literal`."""
    if not literal:
        yield len(sentence)
        return
    end = sentence.find(literal, start)
    while end >= 0:
        yield end
        end = sentence.find(literal, end + 1)
