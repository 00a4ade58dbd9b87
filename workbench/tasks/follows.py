"""Does one sentence follow from others? A pair of texts, answered with yes or no."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from workbench.metrics import CHOICE
from workbench.pocket.tracking import claim
from workbench.tasks.contract import Record, Split, Task
from workbench.tasks.measures import first_word, mean
from workbench.tasks.splits import draw_records

SIZES: dict[Split, int] = {"train": 4000, "evaluation": 400}
LABELS = ("yes", "no")


@dataclass(frozen=True)
class Follows(Task):
    """Tell whether a sentence follows from what happened."""

    name: ClassVar[str] = "follows"
    title: ClassVar[str] = "Does it follow?"
    plain: ClassVar[str] = "Read what happened, and say whether a sentence follows from it."
    idea: ClassVar[str] = (
        "A pair of texts, as in natural language inference: the second follows from the first, or contradicts it. "
        "A false sentence names a place or a person that occurs as well, so that words alone do not tell."
    )
    source: ClassVar[str] = "Made here, from who is where and who has what in the pocket world"
    metric: ClassVar[str] = "accuracy"
    scores: ClassVar[dict[str, str]] = {
        "accuracy": "fraction of answers whose first word is the right one; guessing gives one half",
    }
    metrics: ClassVar[tuple[str, ...]] = CHOICE
    order: ClassVar[int] = 25
    answer_tokens: ClassVar[int] = 4
    unseen: ClassVar[tuple[str, ...]] = ("Follows:",)

    def records(self, split: Split, examples: int, seed: int) -> list[Record]:
        """As many that follow as do not."""
        wanted = min(examples or SIZES[split], SIZES[split])

        def draw(rng: Random, turn: int) -> tuple[str, Record]:
            made = claim(rng, follows=turn % 2 == 0)
            context = f"{made.context}\n"
            prompt = f"{context}{made.sentence}\nFollows:"
            record = Record(prompt, f" {LABELS[turn % 2]}", cut=len(context))
            return f"{made.context}|{made.sentence}", record

        return draw_records(self.name, split, wanted, seed, draw)

    def labels(self) -> tuple[str, ...]:
        """Yes and no, as they stand behind a prompt."""
        return tuple(f" {label}" for label in LABELS)

    def said(self, answer: str) -> str:
        """The first word of an answer."""
        return first_word(answer)

    def score(self, records: Sequence[Record], answers: Sequence[str]) -> dict[str, float]:
        """Accuracy of the first word of each answer."""
        pairs = zip(records, answers, strict=True)
        return {"accuracy": mean([self.said(record.target) == self.said(answer) for record, answer in pairs])}
