"""How varied answers are: whether a model says the same to everything."""

import re
from typing import ClassVar

from workbench.metrics.contract import Kind, Metric, Outcome

TOKEN = re.compile(r"\w+|[^\w\s]")
HOW = "divided by all words of all answers; marks count as words, capitals are set aside (Li et al. 2016)"


def distinct(outcome: Outcome, length: int) -> float:
    """Different runs of `length` words within answers by the number of words (Li et al. 2016, arXiv:1510.03055)."""
    texts = [TOKEN.findall(answer.lower()) for answer in outcome.answers]
    runs = {tuple(text[start : start + length]) for text in texts for start in range(len(text) - length + 1)}
    return len(runs) / max(1, sum(map(len, texts)))


class Distinct1(Metric):
    """Different words by all words."""

    name: ClassVar[str] = "distinct1"
    title: ClassVar[str] = "Distinct-1"
    definition: ClassVar[str] = f"different words, {HOW}"
    kind: ClassVar[Kind] = "text"
    order: ClassVar[int] = 50

    def measure(self, outcome: Outcome) -> float:
        """Of single words."""
        return distinct(outcome, 1)


class Distinct2(Metric):
    """Different pairs of neighbouring words by all words."""

    name: ClassVar[str] = "distinct2"
    title: ClassVar[str] = "Distinct-2"
    definition: ClassVar[str] = f"different pairs of neighbouring words, {HOW}"
    kind: ClassVar[Kind] = "text"
    order: ClassVar[int] = 51

    def measure(self, outcome: Outcome) -> float:
        """Of pairs of words."""
        return distinct(outcome, 2)
