"""Say the same in the captain's words: from a text to a text that means the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from workbench.pocket import split_sentences
from workbench.pocket.stories import story
from workbench.tasks.contract import Record, Split, Task
from workbench.tasks.measures import chrf, mean, squeeze
from workbench.tasks.pirate import to_pirate
from workbench.tasks.splits import draw_records

SIZES: dict[Split, int] = {"train": 4000, "evaluation": 400}
MOST_SENTENCES, MOST_CHARACTERS = 3, 160


@dataclass(frozen=True)
class Rewrite(Task):
    """Write sentences of a story anew, in the register of the task `pirate`."""

    name: ClassVar[str] = "rewrite"
    title: ClassVar[str] = "Rewriting"
    plain: ClassVar[str] = "Say a few sentences again, as a captain would."
    idea: ClassVar[str] = (
        "Style transfer: the words of the text stay, by rule some are put in and some are changed. "
        "What is read and what is written are two texts, which is what encoder-decoders were made for."
    )
    source: ClassVar[str] = "Made here, from sentences of the pocket world's stories"
    metric: ClassVar[str] = "exact_match"
    scores: ClassVar[dict[str, str]] = {
        "exact_match": "fraction of answers that are the text in the captain's words, white space aside",
        "similarity": "chrF2 (Popovic 2015): F score of runs of 1 to 6 characters shared with that text",
    }
    order: ClassVar[int] = 45
    answer_tokens: ClassVar[int] = 72
    unseen: ClassVar[tuple[str, ...]] = ("As a captain:",)

    def records(self, split: Split, examples: int, seed: int) -> list[Record]:
        """One to three neighbouring sentences of a story each; no text of one split occurs in the other."""
        wanted = min(examples or SIZES[split], SIZES[split])

        def draw(rng: Random, turn: int) -> tuple[str, Record]:
            told = split_sentences(story(rng))
            first = rng.randrange(len(told))
            chosen = told[first : first + rng.randint(1, MOST_SENTENCES)]
            while len(" ".join(chosen)) > MOST_CHARACTERS and len(chosen) > 1:
                chosen.pop()
            text = " ".join(chosen)
            return text, Record(f"{text}\nAs a captain:", " " + " ".join(to_pirate(sentence) for sentence in chosen))

        return draw_records(self.name, split, wanted, seed, draw)

    def score(self, records: Sequence[Record], answers: Sequence[str]) -> dict[str, float]:
        """Exact match and similarity."""
        pairs = list(zip(records, answers, strict=True))
        return {
            "exact_match": mean([squeeze(answer) == squeeze(record.target) for record, answer in pairs]),
            "similarity": mean([chrf(answer, record.target) for record, answer in pairs]),
        }
