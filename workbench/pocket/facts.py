"""Facts about the world and short how-tos; portraits of characters count as facts too."""

from random import Random

from workbench.pocket import wordlists
from workbench.pocket.knowledge import (
    ANIMALS,
    CATEGORIES,
    CATEGORY_NAMES,
    COLOURED,
    COUNTED,
    HOW_TOS,
    OPPOSITES,
    PLAIN,
    PLURALS,
    SPELLED,
    UNCOUNTED,
)
from workbench.pocket.portraits import portrait
from workbench.pocket.words import article


def _pick(random, options):
    return options[int(random() * len(options))]


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _animal(random) -> str:
    name, many, legs, sound, food, home, skill = _pick(random, ANIMALS)
    a = _sentence(article(name))
    return _pick(
        random,
        (
            f"{a} has {legs} legs.",
            f"{a} {sound}.",
            f"{a} eats {food}.",
            f"{a} lives {home}.",
            f"{a} can {skill}.",
            f"{a} is an animal.",
            f"{_sentence(many)} are animals.",
            f"{_sentence(many)} eat {food}.",
        ),
    )


def _opposite(random) -> str:
    one, other = _pick(random, OPPOSITES)
    if random() < 0.5 and other not in ("old", "light"):
        one, other = other, one
    return _pick(
        random,
        (
            f"The opposite of {one} is {other}.",
            f"The opposite of {one} is {other}.",
            f"{_sentence(one)} is the opposite of {other}.",
            f"If it is not {one}, it is {other}.",
        ),
    )


def _colour(random) -> str:
    thing, colour = _pick(random, COLOURED)
    return _pick(random, (f"{_sentence(thing)} is {colour}.", f"The color of {thing} is {colour}."))


def _category(random) -> str:
    name = _pick(random, CATEGORY_NAMES)
    members = CATEGORIES[name]
    first, second, third = _three(random, members)
    one = first if name in UNCOUNTED else article(first)
    if random() < 0.4:
        return f"{_sentence(one)} is {article(name)}."
    return _pick(
        random,
        (
            f"{_sentence(first)}, {second} and {third} are {PLURALS[name]}.",
            f"Some {PLURALS[name]} are {first}, {second} and {third}.",
            f"Three {PLURALS[name]} are {first}, {second} and {third}.",
        ),
    )


def _three(random, members):
    start, hop = int(random() * len(members)), 1 + int(random() * ((len(members) - 1) // 2))
    return tuple(members[(start + hop * turn) % len(members)] for turn in range(3))


def _counting(random) -> str:
    one, many = _pick(random, COUNTED)
    number = 2 + int(random() * 4)
    word, following, last = wordlists.NUMBERS[number : number + 3]
    return _pick(
        random,
        (
            f"One {one}, two {many}, three {many}.",
            f"One {one}, two {many}, three {many}, four {many}.",
            f"More than one {one}: {many}.",
            f"{_sentence(', '.join([one] * number))}: that is {word} {many}.",
            f"{_sentence(word)}, {following}, {last}.",
        ),
    )


def _letters(random) -> str:
    word = _pick(random, SPELLED)
    size = wordlists.NUMBERS[len(word)]
    return _pick(
        random,
        (
            f"The word {word} starts with the letter {word[0]}.",
            f"The first letter of {word} is {word[0]}.",
            f"The last letter of {word} is {word[-1]}.",
            f"The word {word} has {size} letters.",
            f"{_sentence(word)} is spelled {'-'.join(word)}.",
        ),
    )


def _days(random) -> str:
    days = CATEGORIES[_pick(random, ("day of the week", "month", "number"))]
    place = int(random() * (len(days) - 1))
    return _pick(
        random,
        (
            f"{_sentence(days[place + 1])} comes after {days[place]}.",
            f"{_sentence(days[place])} comes before {days[place + 1]}.",
        ),
    )


def _plain(random) -> str:
    return _pick(random, PLAIN)


KINDS = (
    _animal,
    _animal,
    _opposite,
    _opposite,
    _colour,
    _category,
    _counting,
    _letters,
    _days,
    _plain,
    _plain,
    _plain,
)


def _list_of_facts(random) -> str:
    wanted = 4 + int(random() * 5)
    if random() < 0.4:
        kind = _pick(random, KINDS)
        facts = [kind(random) for _ in range(wanted)]
    else:
        facts = [_pick(random, KINDS)(random) for _ in range(wanted)]
    return " ".join(dict.fromkeys(facts))


def _how_to(random) -> str:
    title, *steps = _pick(random, HOW_TOS)
    first, second, third = (_pick(random, step) for step in steps)
    if random() < 0.5:
        return f"How to {title}: First, {first}. Then {second}. Last, {third}."
    return f"How to {title}:\n1. {_sentence(first)}.\n2. {_sentence(second)}.\n3. {_sentence(third)}."


def write(rng: Random) -> str:
    """Write one document of facts, a how-to or a portrait."""
    random = rng.random
    draw = random()
    if draw < 0.5:
        return _list_of_facts(random)
    return _how_to(random) if draw < 0.7 else portrait(random)
