"""Say the same in the captain's words: from a text to a text that means the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from workbench.metrics import TEXT, measured
from workbench.metrics.exact_match import ExactMatch
from workbench.metrics.overlap import Similarity
from workbench.pocket import split_sentences
from workbench.pocket.stories import story
from workbench.tasks.contract import Record, Split, Task
from workbench.tasks.pirate import to_pirate
from workbench.tasks.scoring import outcome_of
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
        "exact_match": ExactMatch.definition,
        "similarity": Similarity.definition,
    }
    metrics: ClassVar[tuple[str, ...]] = TEXT
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
        return measured(self.scores, outcome_of(self, records, answers))
