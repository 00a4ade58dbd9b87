"""From attributes to sentences about a child, as in the E2E challenge."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import ClassVar

from workbench.metrics import TEXT
from workbench.pocket import wordlists
from workbench.pocket.words import article, entries
from workbench.tasks.contract import Record, Split, Task
from workbench.tasks.splits import draw_records

SIZES: dict[Split, int] = {"train": 4000, "evaluation": 400}
GIVEN = re.compile(r"(\w+)\[([^\]]*)\]")
CHILDREN = {name: name in wordlists.GIRLS for name in (*wordlists.GIRLS, *wordlists.BOYS)}
COLOURS = tuple(row[0] for row in wordlists.COLOURS)
FURS = "|".join(row[0] for row in wordlists.FURS)
PETS = "|".join(row[0] for row in wordlists.PETS)


def _values(kind: str, form: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(getattr(word, form) for word in entries(kind, "english")))


@cache
def slots() -> dict[str, tuple[str, ...]]:
    """Every attribute with the values it may have, in the order in which prompts give them."""
    return {
        "name": tuple(CHILDREN),
        "age": _values("age", "word"),
        "home": _values("home", "in"),
        "pet": _values("pet", "mine"),
        "likes": _values("food", "many"),
        "color": COLOURS,
        "skill": _values("skill", "do"),
    }


MOST = 4  # attributes beside the name

# Ways to say an attribute: as a verb phrase, and as a sentence of its own, in two wordings.
PHRASES = {
    "age": "is {age} years old",
    "home": "lives {home}",
    "pet": "has {a_pet}",
    "likes": "likes {likes}",
    "color": "likes the color {color}",
    "skill": "can {skill}",
}
OWN_SENTENCES = {
    "age": "{She} is {age} years old.",
    "home": "{Her} home is {home}.",
    "pet": "{Her} pet is {a_pet}.",
    "likes": "{Her} favorite food is {likes}.",
    "color": "{Her} favorite color is {color}.",
    "skill": "{She} can {skill}.",
}
VOICES = ("single", "pairs", "threes", "portrait", "kind", "backwards")


@dataclass(frozen=True)
class Describe(Task):
    """Turn a list of attributes into a short text that says all of them and nothing else."""

    name: ClassVar[str] = "describe"
    title: ClassVar[str] = "Describe"
    plain: ClassVar[str] = "Turn a list of facts about a child into sentences."
    idea: ClassVar[str] = (
        "Data to text: the model knows the sentences, but has never seen a list of attributes. "
        "It has to learn to read the list, say everything in it, and add nothing."
    )
    source: ClassVar[str] = "Made here, after Novikova et al. 2017, The E2E Dataset"
    metric: ClassVar[str] = "slot_accuracy"
    scores: ClassVar[dict[str, str]] = {
        "slot_accuracy": "attributes said with their value and no other, divided by those given plus those made up",
    }
    metrics: ClassVar[tuple[str, ...]] = TEXT
    order: ClassVar[int] = 30
    answer_tokens: ClassVar[int] = 64
    unseen: ClassVar[tuple[str, ...]] = ("name[", "Text:")

    def records(self, split: Split, examples: int, seed: int) -> list[Record]:
        """Attribute lists with one of six wordings each; the splits share no list."""
        wanted = min(examples or SIZES[split], SIZES[split])
        return draw_records(self.name, split, wanted, seed, _draw)

    def score(self, records: Sequence[Record], answers: Sequence[str]) -> dict[str, float]:
        """Slot accuracy over all attributes of all records."""
        given = [attributes(record.prompt) for record in records]
        right = asked = 0
        for facts, answer in zip(given, answers, strict=True):
            said = mentions(answer)
            right += sum(said[slot] == {value} for slot, value in facts.items())
            asked += sum(slot in facts or bool(values) for slot, values in said.items())
        return {"slot_accuracy": right / asked if asked else 0.0}

    def references(self, records: Sequence[Record]) -> list[tuple[str, ...]]:
        """The record's own wording, and the facts in each of the six."""
        asked = [attributes(record.prompt) for record in records]
        return [
            (record.target, *(tell(facts, voice) for voice in VOICES))
            for record, facts in zip(records, asked, strict=True)
        ]


def attributes(prompt: str) -> dict[str, str]:
    """Read `name[Mia] | age[six]` back as {"name": "Mia", "age": "six"}."""
    return dict(GIVEN.findall(prompt))


def _draw(rng: Random, turn: int) -> tuple[str, Record]:
    names = list(slots())
    chosen = {"name", *rng.sample(names[1:], rng.randint(2, MOST))}
    facts = {slot: rng.choice(slots()[slot]) for slot in names if slot in chosen}
    prompt = " | ".join(f"{slot}[{value}]" for slot, value in facts.items())
    return prompt, Record(f"{prompt}\nText:", f" {tell(facts, rng.choice(VOICES))}")


def tell(facts: Mapping[str, str], voice: str) -> str:
    """Say the facts in one of the six voices, which differ in order, joining and wording."""
    names = [slot for slot in slots() if slot in facts and slot != "name"]
    if voice == "portrait":
        return _filled(" ".join(["This is {name}.", *(OWN_SENTENCES[slot] for slot in names)]), facts)
    if voice == "kind":
        return _filled(_by_kind(names), facts)
    if voice == "backwards":
        return _filled(_joined(names[::-1], 2), facts)
    return _filled(_joined(names, {"single": 1, "pairs": 2, "threes": 3}[voice]), facts)


def _by_kind(names: list[str]) -> str:
    """A first sentence that says girl or boy, and the age where it is known; then pairs."""
    if "age" in names:
        rest = [slot for slot in names if slot != "age"]
        return " ".join(["{name} is {a_age}-year-old {kind}.", _joined(rest, 2, "{She}")])
    return " ".join(["{name} is a {kind}.", _joined(names, 2, "{She}")])


def _joined(names: list[str], size: int, who: str = "{name}") -> str:
    sentences = []
    for start in range(0, len(names), size):
        phrases = [PHRASES[slot] for slot in names[start : start + size]]
        body = " and ".join([", ".join(phrases[:-1]), phrases[-1]] if phrases[1:] else phrases)
        sentences.append(f"{'{She}' if start else who} {body}.")
    return " ".join(sentences)


def _filled(pattern: str, facts: Mapping[str, str]) -> str:
    girl = CHILDREN[facts["name"]]
    forms = {"She": "She", "Her": "Her", "kind": "girl"} if girl else {"She": "He", "Her": "His", "kind": "boy"}
    articles = {f"a_{slot}": article(facts[slot]) for slot in ("age", "pet") if slot in facts}
    return pattern.format_map({**facts, **forms, **articles})


def mentions(text: str) -> dict[str, set[str]]:
    """What a text says of each attribute: {"age": {"six"}, "pet": set(), ...}.

    A value counts in its place only ("has a brown dog", "color is red"), so a salad of values says nothing.
    The wrong pronoun counts as another name: "Mia ... He has a dog" speaks of two people.
    """
    text = " ".join(text.split())
    # "She has a dog. The dog is brown." says the same as "She has a brown dog."
    text = re.sub(rf"\ban? ({PETS})\. The \1 is ({FURS})\b", r"a \2 \1", text)
    return {slot: set(_found(slot, text)) for slot in slots()}


def _found(slot: str, text: str) -> Iterator[str]:
    for match in _pattern(slot).finditer(text):
        yield match[1]
    if slot == "name":
        girls = {CHILDREN.get(name) for name in _pattern(slot).findall(text)}
        wrong = {True: r"\b(?:He|he|His|his|boy)\b", False: r"\b(?:She|she|Her|her|girl)\b"}
        if len(girls) == 1 and re.search(wrong[bool(girls.pop())], text):
            yield "somebody else"


@cache
def _pattern(slot: str) -> re.Pattern[str]:
    longest_first = sorted(slots()[slot], key=len, reverse=True)
    values = "|".join(re.escape(value) for value in longest_first)
    if slot == "name":
        values = "|".join(name for name, *_ in wordlists.people())
    shapes = {
        "age": rf"\b({values})(?: years old|-year-old)\b",
        "home": rf"\b(?:lives|home is) ({values})\b",
        "pet": rf"\b(?:has|pet is|friend is) an? ((?:(?:{FURS}) )?(?:{PETS}))\b",
        "likes": rf"\b(?:likes|likes to eat|food is) ({values})\b",
        "color": rf"\bcolor (?:is )?({values})\b",
        "skill": rf"\bcan ({values})\b",
    }
    return re.compile(shapes.get(slot, rf"\b({values})\b"))
