"""Answers that are right to the letter."""

from typing import ClassVar

from workbench.metrics.contract import Kind, Metric, Outcome


class ExactMatch(Metric):
    """The strictest view of a text: right or wrong."""

    name: ClassVar[str] = "exact_match"
    title: ClassVar[str] = "Exact match"
    definition: ClassVar[str] = "fraction of answers equal to one of the right answers, white space aside"
    kind: ClassVar[Kind] = "text"
    order: ClassVar[int] = 20

    def measure(self, outcome: Outcome) -> float:
        """Hits by answers."""
        pairs = zip(outcome.answers, outcome.references, strict=True)
        hits = [answer.split() in [text.split() for text in texts] for answer, texts in pairs]
        return sum(hits) / len(hits)
