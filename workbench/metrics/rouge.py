"""Words that answers share with right answers, as rouge-score counts them: ROUGE-1, ROUGE-2 and ROUGE-L."""

import re
from statistics import fmean
from typing import ClassVar

from workbench.metrics.contract import Kind, Metric, Outcome

WORD = re.compile(r"[^\W_]+")
HOW = "F score with the nearest right answer, mean over all answers (Lin 2004; rouge-score, without stemming)"


class Words:
    """A tokenizer for rouge-score: runs of letters and digits in small letters.

    Its own one does the same, but takes every letter that English lacks for a gap.
    """

    def tokenize(self, text: str) -> list[str]:
        """The words of a text."""
        return WORD.findall(text.lower())


def rouge(kind: str, outcome: Outcome) -> float:
    """Mean F score of a kind of ROUGE; of several references the one with the best counts."""
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer([kind], tokenizer=Words())
    pairs = zip(outcome.answers, outcome.references, strict=True)
    return fmean(float(scorer.score_multi(texts, answer)[kind].fmeasure) for answer, texts in pairs)


class Rouge1(Metric):
    """Words in any order."""

    name: ClassVar[str] = "rouge1"
    title: ClassVar[str] = "ROUGE-1"
    definition: ClassVar[str] = f"shared words: {HOW}"
    kind: ClassVar[Kind] = "text"
    library: ClassVar[str] = "rouge-score"
    order: ClassVar[int] = 40

    def measure(self, outcome: Outcome) -> float:
        """F of single words."""
        return rouge("rouge1", outcome)


class Rouge2(Metric):
    """Pairs of neighbouring words."""

    name: ClassVar[str] = "rouge2"
    title: ClassVar[str] = "ROUGE-2"
    definition: ClassVar[str] = f"shared pairs of neighbouring words: {HOW}"
    kind: ClassVar[Kind] = "text"
    library: ClassVar[str] = "rouge-score"
    order: ClassVar[int] = 41

    def measure(self, outcome: Outcome) -> float:
        """F of pairs of words."""
        return rouge("rouge2", outcome)


class RougeL(Metric):
    """Words in the same order, with gaps allowed."""

    name: ClassVar[str] = "rougeL"
    title: ClassVar[str] = "ROUGE-L"
    definition: ClassVar[str] = f"longest sequence of words that both have in this order: {HOW}"
    kind: ClassVar[Kind] = "text"
    library: ClassVar[str] = "rouge-score"
    order: ClassVar[int] = 42

    def measure(self, outcome: Outcome) -> float:
        """F of the longest common subsequence."""
        return rouge("rougeL", outcome)
