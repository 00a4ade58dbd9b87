"""Read how somebody feels from what happened: five classes, answered with a label word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import ClassVar

from workbench.metrics import CHOICE
from workbench.pocket.grammar import Template, template
from workbench.pocket.plots.intro import FACTS, MEET
from workbench.pocket.stories import CHILDREN
from workbench.pocket.words import Word, entries
from workbench.tasks.contract import Record, Split, Task
from workbench.tasks.measures import first_word, mean
from workbench.tasks.splits import draw_records

SIZES: dict[Split, int] = {"train": 4000, "evaluation": 400}
LABELS = ("happy", "sad", "angry", "scared", "proud")
SEEN, NEW = "seen cause", "new cause"

# What happens, by the feeling that follows it in the stories and dialogues the base has read.
CAUSES: dict[str, tuple[str, ...]] = {
    "happy": (
        "{a} found a shiny coin.",
        "A butterfly sat down on {a.her} hand.",
        "{a} got a letter from a friend.",
        "The teacher read a funny story.",
        "{a.Her} grandma came to visit.",
        "There was music, and everybody danced.",
        "{a} saw the first snow.",
        "The sun came out after a week of rain.",
        "{a} had {a.her} {thing.noun} again.",
        "{a.Her} {pet.noun} was back.",
        "The rain stopped, and there was a rainbow.",
        "{a} got {thing.a} for {a.her} birthday.",
        "There was no school, so {a} could {game.play}.",
        "{a} had found a new friend.",
        "{a.Her} {elder.noun} gave {a.him} a big hug.",
    ),
    "sad": (
        "The rain washed {a.her} picture away.",
        "{a.Her} best friend moved to another town.",
        "{a} wanted to play, but nobody had time.",
        "A flower that {a} had planted was dead.",
        "The little bird did not sing anymore.",
        "{a.Her} favorite cup broke.",
        "{a} lost {a.her} {thing.noun}.",
        "{a.Her} {pet.noun} was sick.",
        "{a.Her} {thing.noun} was broken.",
        "Nobody wanted to play with {a}.",
        "{a} looked everywhere, but {thing.the} was gone.",
        "It rained, and {a} had to stay at home.",
        "{a} had no friends there.",
        "{a} missed {a.her} old home.",
        "{a.Her} {elder.noun} was far away.",
    ),
    "angry": (
        "A boy pushed {a} into the mud.",
        "Somebody broke {a.her} sand castle.",
        "{a.Her} brother ate the last cookie.",
        "A girl took {a.her} seat and did not say sorry.",
        "Another child said that {a} was a liar.",
        "{a.Her} sister drew on {a.her} book.",
        "{a.Her} brother took {a.her} {thing.noun}.",
        "Somebody broke {a.her} {thing.noun}.",
        "{a.Her} sister ate all the {food.many}.",
        "{a} waited in line, but a man went first.",
        "It was not fair, because {a} had to do all the work.",
        "{a.Her} brother had left the door open.",
        "A boy took {thing.the} and did not want to share.",
        "Somebody laughed when {a} fell.",
        "{a} had to wait so long.",
    ),
    "scared": (
        "A big dog barked at {a}.",
        "There was thunder, and the lights went out.",
        "{a} heard steps behind {a.him}.",
        "A spider crawled up {a.her} arm.",
        "{a} stood on a high bridge and looked down.",
        "A wolf howled in the night.",
        "{a} saw a snake on the path.",
        "{a} {fright.saw} in the night.",
        "It was dark, and {a} was all alone.",
        "{a} had to go to the doctor.",
        "A storm came, and the waves were so high.",
        "{a} did not know the way home anymore.",
        "The thunder was very loud.",
        "A strong wave pulled {a} into the water.",
        "The ship went up and down in the storm.",
    ),
    "proud": (
        "{a} won the race.",
        "{a} read a whole page aloud without a mistake.",
        "{a} cooked dinner for the family.",
        "The teacher put {a.her} picture on the wall.",
        "{a} saved a little bird.",
        "{a} sang in front of many people.",
        "{a} solved a hard puzzle.",
        "{a} had learned to {skill.do}.",
        "{a} {chore.did} all alone.",
        "{a} helped {a.her} {elder.noun} and did not give up.",
        "{a} made {work.a}, and everybody liked it.",
        "{a} told the truth.",
        "{a} climbed to the top of the tall tree.",
        "At last, {a} could {skill.do}.",
        "{a} had been a good captain.",
    ),
}
HELD_OUT_CAUSES = 5  # of each feeling: kept from training; every third of the list
OUTINGS = tuple(
    template(text)
    for text in (
        "{time.one}, {a} went {place.to}.",
        "{time.one}, {a} was {place.in}.",
        "{time.one}, {a.she} went {place.to} after lunch.",
    )
)
ENDS = tuple(template(text) for text in ("{b} was there too.", "{a} told {b} about it.", "{b} saw it, too."))
ROLES = ("elder", "pet", "thing", "place", "food", "work", "skill", "chore", "fright", "age", "home", "time", "game")
FACT_SHARE, END_SHARE = 0.6, 0.4


@dataclass(frozen=True)
class Feelings(Task):
    """Name the feeling that an event causes; the story never says it."""

    name: ClassVar[str] = "feelings"
    title: ClassVar[str] = "Feelings"
    plain: ClassVar[str] = "Read a short story and say how its hero feels."
    idea: ClassVar[str] = (
        "Classification with a language model: the class is the word it writes next. "
        "Some causes are kept from training; only what the base learned from stories can tell their feeling."
    )
    source: ClassVar[str] = "Made here, from events of the pocket world"
    metric: ClassVar[str] = "accuracy"
    scores: ClassVar[dict[str, str]] = {
        "accuracy": "fraction of answers whose first word is the right feeling",
        "new_causes": "accuracy on stories whose cause never occurred in training",
    }
    metrics: ClassVar[tuple[str, ...]] = CHOICE
    order: ClassVar[int] = 20
    answer_tokens: ClassVar[int] = 4
    unseen: ClassVar[tuple[str, ...]] = ("Feeling:",)

    def records(self, split: Split, examples: int, seed: int) -> list[Record]:
        """Stories in equal shares of the five feelings; half of the evaluation has new causes."""
        wanted = min(examples or SIZES[split], SIZES[split])

        def draw(rng: Random, turn: int) -> tuple[str, Record]:
            group = NEW if split == "evaluation" and (turn // len(LABELS)) % 2 else SEEN
            record = _story(rng, LABELS[turn % len(LABELS)], group)
            return record.prompt, record

        return draw_records(self.name, split, wanted, seed, draw)

    def labels(self) -> tuple[str, ...]:
        """The five feelings, as they stand behind a prompt."""
        return tuple(f" {label}" for label in LABELS)

    def said(self, answer: str) -> str:
        """The first word of an answer."""
        return first_word(answer)

    def score(self, records: Sequence[Record], answers: Sequence[str]) -> dict[str, float]:
        """Accuracy of the first word of each answer, of all and of those with a new cause."""
        hits = [self.said(record.target) == self.said(answer) for record, answer in zip(records, answers, strict=True)]
        new = [hit for record, hit in zip(records, hits, strict=True) if record.group == NEW]
        return {"accuracy": mean(hits)} | ({"new_causes": mean(new)} if new else {})


@cache
def causes(feeling: str, group: str) -> tuple[Template, ...]:
    """The events that cause a feeling: those of training, or those kept from it."""
    held_out = set(range(1, len(CAUSES[feeling]), len(CAUSES[feeling]) // HELD_OUT_CAUSES))
    chosen = (text for place, text in enumerate(CAUSES[feeling]) if (place in held_out) == (group == NEW))
    return tuple(template(text) for text in chosen)


def _story(rng: Random, feeling: str, group: str) -> Record:
    cast = _cast(rng)
    text = " ".join(sentence.render(cast) for sentence in _plan(rng, feeling, group))
    return Record(f"{text}\nFeeling:", f" {feeling}", group)


def _plan(rng: Random, feeling: str, group: str) -> Iterator[Template]:
    meet = rng.choice(MEET)
    yield rng.choice(meet.sentences["english"])
    if rng.random() < FACT_SHARE:
        yield rng.choice(FACTS[rng.choice(("liked", "colour", "game"))].sentences["english"])
    yield rng.choice(OUTINGS)
    yield rng.choice(causes(feeling, group))
    if rng.random() < END_SHARE:
        yield rng.choice(ENDS)


def _cast(rng: Random) -> dict[str, Word]:
    cast = {role: rng.choice(entries(role, "english")) for role in ROLES}
    cast["colour"], cast["liked"] = rng.choice(entries("colour", "english")), rng.choice(entries("food", "english"))
    cast["a"], cast["b"] = rng.sample(entries("person", "english")[:CHILDREN], 2)
    return cast
