"""The words that fill slots: people, things, places ... in English and in Spanish.

Every kind of word is one list of entries. An entry has the same place in both languages, so a
story can be told in either. Its forms are attributes: ``thing.the`` is "the ball" or "la pelota".
"""

from functools import cache
from types import SimpleNamespace

from workbench.pocket import wordlists as lists
from workbench.pocket.phrases import TABLES

LANGUAGES = ("english", "spanish")

# Which kind of word may play a role. Roles have the same name in every plot.
ROLE_TYPES = {
    "a": "person",
    "b": "person",
    "elder": "elder",
    "pet": "pet",
    "thing": "thing",
    "place": "place",
    "spot": "spot",
    "food": "food",
    "liked": "food",
    "work": "work",
    "skill": "skill",
    "chore": "chore",
    "fright": "fright",
    "age": "age",
    "home": "home",
    "time": "time",
    "colour": "colour",
    "game": "game",
}


class Word(SimpleNamespace):
    """One entry of the lexicon in one language; every form is an attribute."""

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


@cache
def entries(kind: str, language: str) -> tuple[Word, ...]:
    """Return all words of a kind, in a fixed order that is the same in every language."""
    return tuple(BUILDERS[kind](language == "spanish"))


def article(noun: str) -> str:
    """Return the noun with "a" or "an" before it."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _person(spanish: bool):
    for name, kind, spanish_kind, female in lists.people():
        if spanish:
            yield Word(
                key=name,
                name=name,
                female=female,
                kind=spanish_kind,
                **_gendered(female),
                un="una" if female else "un",
            )
        else:
            yield Word(key=name, name=name, female=female, kind=kind, **_pronouns(female))


def _pronouns(female: bool) -> dict[str, str]:
    if female:
        return {"she": "she", "She": "She", "her": "her", "Her": "Her", "him": "her"}
    return {"she": "he", "She": "He", "her": "his", "Her": "His", "him": "him"}


def _gendered(female: bool) -> dict[str, str]:
    if female:
        return {"o": "a", "el": "la", "ella": "ella", "Ella": "Ella", "lo": "la"}
    return {"o": "o", "el": "el", "ella": "él", "Ella": "Él", "lo": "lo"}


def _elder(spanish: bool):
    for english, other, female in lists.ELDERS:
        if spanish:
            yield Word(key=english, noun=other, female=female, **_gendered(female))
        else:
            yield Word(key=english, noun=english, female=female, **_pronouns(female))


def _coloured(nouns, colours, spanish: bool):
    for english, other, female in nouns:
        for colour, masculine, feminine in colours:
            if spanish:
                shade = feminine if female else masculine
                the, a = ("la", "una") if female else ("el", "un")
                yield Word(
                    key=english,
                    colour=colour,
                    noun=other,
                    mine=f"{other} {shade}",
                    a=f"{a} {other} {shade}",
                    the=f"{the} {other}",
                    The=f"{the} {other}".capitalize(),
                    full=f"{the} {other} {shade}",
                    shade=shade,
                    **_gendered(female),
                )
            else:
                mine = f"{colour} {english}"
                yield Word(
                    key=english,
                    colour=colour,
                    noun=english,
                    mine=mine,
                    a=article(mine),
                    the=f"the {english}",
                    The=f"The {english}",
                    full=f"the {mine}",
                    shade=colour,
                )


def _place(spanish: bool):
    for english, preposition, other, female in lists.PLACES:
        if spanish:
            the = f"la {other}" if female else f"el {other}"
            to = f"a la {other}" if female else f"al {other}"
            yield Word(key=english, the=the, to=to, **{"in": f"en {the}"})
        else:
            the = f"the {english}"
            yield Word(key=english, the=the, to=f"to {the}", **{"in": f"{preposition} {the}"})


def _food(spanish: bool):
    for english, many, other, otherwise, female in lists.FOODS:
        if spanish:
            yield Word(
                key=english,
                noun=other,
                many=otherwise,
                a=f"{'una' if female else 'un'} {other}",
                the=f"{'la' if female else 'el'} {other}",
                some=f"{'las' if female else 'los'} {otherwise}",
                os="as" if female else "os",
                lo="la" if female else "lo",
            )
        else:
            yield Word(
                key=english,
                noun=english,
                many=many,
                a=article(english),
                the=f"the {english}",
                some=f"the {many}",
            )


def _table(name: str):
    """Return a builder for words whose forms are simply written down for both languages."""

    def build(spanish: bool):
        forms, rows = TABLES[name]
        for english, other in rows:
            yield Word(key=english[0], **dict(zip(forms, other if spanish else english, strict=True)))

    return build


BUILDERS = {
    "person": _person,
    "elder": _elder,
    "pet": lambda spanish: _coloured(lists.PETS, lists.FURS, spanish),
    "thing": lambda spanish: _coloured(lists.THINGS, lists.COLOURS, spanish),
    "place": _place,
    "food": _food,
    **{name: _table(name) for name in TABLES},
}
