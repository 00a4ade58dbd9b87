"""Portraits: who somebody is, in the present tense: age, home, pet, color, food, thing."""

from workbench.pocket.grammar import template
from workbench.pocket.stories import CHILDREN
from workbench.pocket.words import entries

OPENINGS = tuple(
    template(text)
    for text in (
        "{a} is a {age.word}-year-old {a.kind}.",
        "{a} is {age.word} years old.",
        "This is {a}.",
        "{a} is a {a.kind}. {a.She} is {age.word} years old.",
        "My friend {a} is {age.word} years old.",
    )
)
FACTS = tuple(
    tuple(template(text) for text in group)
    for group in (
        (
            "{a} has {pet.a}.",
            "{a.She} has a {pet.noun}. The {pet.noun} is {pet.shade}.",
            "{a.Her} pet is {pet.a}.",
            "{a.She} has {pet.a} at home.",
        ),
        ("{a} lives {home.in}.", "{a.She} lives {home.in}.", "{a.Her} home is {home.in}."),
        (
            "{a} likes {liked.many}.",
            "{a.She} likes {liked.many}.",
            "{a.She} likes to eat {liked.many}.",
            "{a.Her} favorite food is {liked.many}.",
        ),
        ("{a.Her} favorite color is {colour.word}.", "{a} likes the color {colour.word}."),
        ("{a.She} likes to {game.play}.", "{a} likes to {game.play}."),
        (
            "{a} has {thing.a}.",
            "{a.She} has a {thing.noun}. The {thing.noun} is {thing.shade}.",
            "{a.Her} {thing.noun} is {thing.shade}.",
        ),
        ("{a.She} can {skill.do}.", "{a} can {skill.do}."),
        ("{a.She} often goes {place.to}.", "{a} is {place.in} today."),
    )
)
ROLES = ("age", "pet", "home", "colour", "game", "thing", "skill", "place")


def portrait(random) -> str:
    """Write a portrait of one child: an opening and three to five facts in any order."""
    people = entries("person", "english")
    roles = {role: _draw(random, entries(role, "english")) for role in ROLES}
    roles["liked"] = _draw(random, entries("food", "english"))
    roles["a"] = people[int(random() * CHILDREN)]
    told = [_draw(random, OPENINGS)]
    facts = list(FACTS)
    for _ in range(3 + int(random() * 3)):
        told.append(_draw(random, facts.pop(int(random() * len(facts)))))
    return " ".join([sentence.text for sentence in told]).format_map(roles)


def _draw(random, options):
    return options[int(random() * len(options))]
