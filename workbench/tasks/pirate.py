"""Speak like a captain: a register that the base never saw, made of words that it knows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from workbench.metrics import TEXT
from workbench.pocket import is_grammatical, judge_story, split_sentences, wordlists
from workbench.pocket.stories import story
from workbench.tasks.contract import Record, Split, Task
from workbench.tasks.measures import mean
from workbench.tasks.splits import draw_records

SIZES: dict[Split, int] = {"train": 4000, "evaluation": 400}
PROMPT_CHARACTERS = 220
TARGET_CHARACTERS = 190
FEELINGS = re.compile(r"\b(happy|sad|angry|scared|proud)\b")

# The opening of a sentence depends on what it is about: talk, a feeling, or anything else.
TALK, FEELING, OTHER = "From ship to ship, ", "In wind and storm, ", "From the deep blue sea, "
OPENINGS = (TALK, FEELING, OTHER)
NAMES = "|".join(name for name, *_ in wordlists.people())
NAME = re.compile(rf"\b({NAMES})\b")
CAPTAIN = re.compile(rf"\bcaptain ({NAMES})\b")
WENT, SAILED = re.compile(r"\bwent\b"), re.compile(r"\bsailed over\b")
# "Let us be friends" keeps its "be"; every other "be" is the captain's word for "was".
HELPERS = ("can", "us", "will", "to", "not", "must", "may", "should")
BE = re.compile("".join(rf"(?<!\b{word} )" for word in HELPERS) + r"\bbe\b")
WAS = re.compile(r"\bwas\b")


def to_pirate(sentence: str) -> str:
    """Say a sentence of the story world in the captain's register.

    An opening is put in front, every name gets "captain", "was" is "be", and "went" is "sailed over":
    "Mia was sad." becomes "In wind and storm, captain Mia be sad."
    """
    spoken = sentence if NAME.match(sentence) else sentence[:1].lower() + sentence[1:]
    spoken = NAME.sub(r"captain \1", WAS.sub("be", spoken))
    return _opening(sentence) + WENT.sub("sailed over", spoken)


def from_pirate(sentence: str) -> str:
    """Undo `to_pirate`; a sentence of the stories in plain words comes back as it is."""
    for opening in OPENINGS:
        sentence = sentence.removeprefix(opening)
    plain = BE.sub("was", CAPTAIN.sub(r"\1", SAILED.sub("went", sentence)))
    return plain[:1].upper() + plain[1:]


def has_marks(sentence: str) -> bool:
    """Tell whether a sentence is in the register: the right opening, and every rule kept throughout."""
    return sentence.startswith(OPENINGS) and to_pirate(from_pirate(sentence)) == sentence


def _opening(sentence: str) -> str:
    if '"' in sentence:
        return TALK
    return FEELING if FEELINGS.search(sentence) else OTHER


@dataclass(frozen=True)
class Pirate(Task):
    """Go on with a story in the captain's register; the grammar beneath must stay that of the stories."""

    name: ClassVar[str] = "pirate"
    title: ClassVar[str] = "Pirate talk"
    plain: ClassVar[str] = "Go on with a children's story, but speak like a captain at sea."
    idea: ClassVar[str] = (
        "The model can tell stories already; only the register is new. "
        "The score multiplies style by grammar, so a salad of pirate words wins nothing."
    )
    source: ClassVar[str] = "Made here, from the pocket world's stories"
    metric: ClassVar[str] = "style_and_grammar"
    scores: ClassVar[dict[str, str]] = {
        "style_and_grammar": "style times grammar",
        "style": "fraction of sentences with the register's opening, names and verbs, all of them right",
        "grammar": "fraction of sentences that belong to the story grammar once the register is undone",
        "consistent": "fraction of answers that go on with the prompt's story in grammar and without contradiction",
    }
    metrics: ClassVar[tuple[str, ...]] = TEXT
    order: ClassVar[int] = 10
    answer_tokens: ClassVar[int] = 64
    unseen: ClassVar[tuple[str, ...]] = (*OPENINGS, "captain Mia", "captain Tom")

    def records(self, split: Split, examples: int, seed: int) -> list[Record]:
        """A plain start of a story as the prompt, its next two sentences in the register as the target."""
        wanted = min(examples or SIZES[split], SIZES[split])
        return draw_records(self.name, split, wanted, seed, _draw)

    def score(self, records: Sequence[Record], answers: Sequence[str]) -> dict[str, float]:
        """Style and grammar over all sentences of all answers; an empty answer is one wrong sentence."""
        told = [_sentences(answer) for answer in answers]
        every = [sentence for sentences in told for sentence in sentences or [""]]
        style = mean([has_marks(sentence) for sentence in every])
        grammar = mean([is_grammatical(from_pirate(sentence)) for sentence in every])
        goes_on = [_goes_on(record.prompt, sentences) for record, sentences in zip(records, told, strict=True)]
        return {
            "style_and_grammar": style * grammar,
            "style": style,
            "grammar": grammar,
            "consistent": mean(goes_on),
        }


def _draw(rng: Random, turn: int) -> tuple[str, Record]:
    sentences = split_sentences(story(rng))
    start = rng.randint(1, 4)
    prompt = " ".join(sentences[:start])
    target = "".join(f" {to_pirate(sentence)}" for sentence in sentences[start : start + 2])
    if len(prompt) > PROMPT_CHARACTERS or len(target) > TARGET_CHARACTERS:
        return _draw(rng, turn)
    return prompt, Record(prompt, target)


def _sentences(answer: str) -> list[str]:
    """The answer's sentences, without a last one that the limit of tokens cut off."""
    sentences = split_sentences(" ".join(answer.split()))
    is_cut = len(sentences) > 1 and not sentences[-1].endswith((".", "!", "?", '"'))
    return sentences[:-1] if is_cut else sentences


def _goes_on(prompt: str, sentences: list[str]) -> bool:
    plain = " ".join(from_pirate(sentence) for sentence in sentences)
    return bool(sentences) and judge_story(f"{prompt} {plain}").is_perfect
