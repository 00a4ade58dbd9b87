"""Follow instructions of a dozen types, two of which training never shows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from workbench.pocket import wordlists
from workbench.pocket.knowledge import CATEGORIES, COLOURED, COUNTED, OPPOSITES, PLURALS, SPELLED
from workbench.tasks.contract import Record, Split, Task
from workbench.tasks.measures import mean, squeeze
from workbench.tasks.splits import draw_records, is_held_out

SIZES: dict[Split, int] = {"train": 4000, "evaluation": 480}
CHILDREN = wordlists.GIRLS + wordlists.BOYS
THINGS = tuple(row[0] for row in wordlists.THINGS)
PLACES = tuple(row[0] for row in wordlists.PLACES)
SHORT_WORDS = tuple(word for word in SPELLED if 3 <= len(word) <= 5)
# These words have two opposites each, so neither is the right one.
AMBIGUOUS = {"old", "light"}

# What fills the slots of a wording.
Values = dict[str, str]


@dataclass(frozen=True)
class Kind:
    """A type of instruction: its wordings, and how one question and its answer are drawn."""

    wordings: tuple[str, ...]
    draw: Callable[[Random], tuple[Values, str]]


def _word(rng: Random) -> tuple[Values, str]:
    word = rng.choice(SPELLED)
    return {"word": word}, word


def _opposite(rng: Random) -> tuple[Values, str]:
    pair = rng.choice(OPPOSITES)
    asked, answer = pair if rng.random() < 0.5 else pair[::-1]
    return _opposite(rng) if asked in AMBIGUOUS else ({"word": asked}, answer)


def _first_letter(rng: Random) -> tuple[Values, str]:
    word = rng.choice(SPELLED)
    return {"word": word}, word[0]


def _count(rng: Random) -> tuple[Values, str]:
    number = rng.randint(2, 6)
    return {"list": ", ".join(rng.choices(SHORT_WORDS, k=number))}, wordlists.NUMBERS[number]


def _category(rng: Random) -> tuple[Values, str]:
    name = rng.choice([name for name in CATEGORIES if name != "part of the body"])
    return {"list": ", ".join(rng.sample(CATEGORIES[name], 3))}, PLURALS[name]


def _plural(rng: Random) -> tuple[Values, str]:
    one, many = rng.choice([pair for pair in COUNTED if pair[0] != pair[1]])
    return {"word": one}, many


def _colour(rng: Random) -> tuple[Values, str]:
    thing, colour = rng.choice(COLOURED)
    return {"thing": thing}, colour


def _reverse(rng: Random) -> tuple[Values, str]:
    words = rng.sample(SHORT_WORDS, rng.randint(2, 3))
    return {"list": " ".join(words)}, " ".join(reversed(words))


def _bigger(rng: Random) -> tuple[Values, str]:
    one, other = rng.sample(range(20), 2)
    return {"one": str(one), "other": str(other)}, str(max(one, other))


def _sum(rng: Random) -> tuple[Values, str]:
    one = rng.randint(0, 10)
    other = rng.randint(0, 10 - one)
    return {"one": str(one), "other": str(other)}, str(one + other)


def _spell(rng: Random) -> tuple[Values, str]:
    word = rng.choice(SHORT_WORDS)
    return {"word": word}, " ".join(word)


def _who_has(rng: Random) -> tuple[Values, str]:
    one, other = rng.sample(CHILDREN, 2)
    thing, place = rng.choice(THINGS), rng.choice(PLACES)
    events = [f"{one} took the {thing}.", f"{other} went to the {place}."]
    if rng.random() < 0.5:
        events.reverse()
    if rng.random() < 0.4:
        return {"story": f"{one} took the {thing}. {one} gave the {thing} to {other}.", "thing": thing}, other
    return {"story": " ".join(events), "thing": thing}, one


KINDS: dict[str, Kind] = {
    "repeat": Kind(
        ("Say the word {word}.", "Say {word} once more.", "Write the word {word} again.", "Repeat this word: {word}"),
        _word,
    ),
    "opposite": Kind(
        (
            "What is the opposite of {word}?",
            "Give the opposite of {word}.",
            "Find a word that is the opposite of {word}.",
            "Which word is the opposite of {word}?",
            "It is not {word}. What is it?",
        ),
        _opposite,
    ),
    "first_letter": Kind(
        (
            "What is the first letter of {word}?",
            "Which letter does {word} start with?",
            "Say the first letter of the word {word}.",
            "Give only the first letter: {word}",
        ),
        _first_letter,
    ),
    "count": Kind(
        (
            "How many words are in this list: {list}?",
            "Count the words: {list}",
            "How long is this list: {list}?",
            "Say how many words you see: {list}",
        ),
        _count,
    ),
    "category": Kind(
        (
            "What are these: {list}?",
            "Which kind of words are these: {list}?",
            "Find one name for all of these: {list}",
            "{list}: what are they?",
        ),
        _category,
    ),
    "plural": Kind(
        (
            "Say more than one {word}.",
            "What is more than one {word}?",
            "I have one {word}. You have two. Two what?",
            "One {word}, two what?",
        ),
        _plural,
    ),
    "colour": Kind(
        (
            "What color is {thing}?",
            "What is the color of {thing}?",
            "Say the color of {thing}.",
            "Which color does {thing} have?",
        ),
        _colour,
    ),
    "reverse": Kind(
        (
            "Say these words from last to first: {list}",
            "Turn the words around: {list}",
            "Write these words from the back to the front: {list}",
            "Start with the last word: {list}",
        ),
        _reverse,
    ),
    "bigger": Kind(
        (
            "Which number is bigger, {one} or {other}?",
            "Say the bigger number: {one} or {other}",
            "What is more, {one} or {other}?",
            "Find the bigger one: {one}, {other}",
        ),
        _bigger,
    ),
    "sum": Kind(
        (
            "Add {one} and {other}.",
            "How much is {one} and {other} together?",
            "Put {one} and {other} together. How many is that?",
            "I have {one} and find {other}. How many do I have?",
        ),
        _sum,
    ),
    "spell": Kind(
        (
            "Spell the word {word}.",
            "Say all letters of {word}.",
            "Write {word} letter by letter.",
            "Which letters are in the word {word}?",
        ),
        _spell,
    ),
    "who_has": Kind(
        (
            "{story} Who has the {thing}?",
            "{story} Say who has the {thing}.",
            "Who has the {thing}? {story}",
            "Read this and say who has the {thing}: {story}",
        ),
        _who_has,
    ),
}
# Both are facts that the base has read often; only asking for them in this way is new.
HELD_OUT = ("plural", "colour")
TRAINED = tuple(name for name in KINDS if name not in HELD_OUT)


@dataclass(frozen=True)
class Instructions(Task):
    """Do what is asked, in many wordings; two types come up in the evaluation only."""

    name: ClassVar[str] = "instructions"
    title: ClassVar[str] = "Instructions"
    plain: ClassVar[str] = "Follow short instructions: opposites, sums, spelling, counting and more."
    idea: ClassVar[str] = (
        "Instruction tuning: the model has read the facts, but only to go on with texts. "
        "It learns that a request wants an answer, and is also tested on two types it was never shown."
    )
    source: ClassVar[str] = "Made here, after Wei et al. 2022, Finetuned Language Models Are Zero-Shot Learners"
    metric: ClassVar[str] = "exact_match"
    scores: ClassVar[dict[str, str]] = {
        "exact_match": "fraction of right answers on the ten types of the training data (other questions, though)",
        "held_out": f"the same on the two types that training never shows: {' and '.join(HELD_OUT)}",
    }
    order: ClassVar[int] = 40
    answer_tokens: ClassVar[int] = 16
    unseen: ClassVar[tuple[str, ...]] = ("Instruction:",)

    def records(self, split: Split, examples: int, seed: int) -> list[Record]:
        """Questions of all types in turn, `group` naming the type; the splits share no question."""
        wanted = min(examples or SIZES[split], SIZES[split])
        names = TRAINED if split == "train" else tuple(KINDS)

        def draw(rng: Random, turn: int) -> tuple[str, Record]:
            return _draw(rng, names[turn % len(names)], split)

        return draw_records(self.name, split, wanted, seed, draw)

    def score(self, records: Sequence[Record], answers: Sequence[str]) -> dict[str, float]:
        """Exact match of the answer's first line, capitals and a last stop aside."""
        trained: list[bool] = []
        held_out: list[bool] = []
        for record, answer in zip(records, answers, strict=True):
            group = held_out if record.group in HELD_OUT else trained
            group.append(_normal(record.target) == _normal(answer))
        scores = {"exact_match": mean(trained)}
        return scores | ({"held_out": mean(held_out)} if held_out else {})


def _draw(rng: Random, name: str, split: Split) -> tuple[str, Record]:
    kind = KINDS[name]
    values, answer = kind.draw(rng)
    key = _key(name, values)
    # All questions of a type that training never sees may serve the evaluation.
    while name in HELD_OUT and split == "evaluation" and not is_held_out(key):
        key += "'"
    prompt = rng.choice(kind.wordings).format_map(values)
    return key, Record(f"Instruction: {prompt}\nAnswer:", f" {answer}", name)


def _key(name: str, values: Values) -> str:
    """What is asked, whatever the order of a list: "red, blue" and "blue, red" are one question."""
    return " ".join([name, *(word for value in values.values() for word in sorted(value.replace(",", "").split()))])


def _normal(answer: str) -> str:
    first = answer.strip().split("\n", 1)[0]
    return squeeze(first).rstrip(".").lower()
