"""Measures of written answers: exact match, F1, BLEU and chrF, each with its definition."""

import math
import re
from collections import Counter
from collections.abc import Sequence

TOKEN = re.compile(r"\w+|[^\w\s]")
ORDERS = 4  # BLEU looks at runs of one to four words
CHARACTER_ORDERS = 6  # chrF looks at runs of one to six characters (Popovic 2015)
RECALL_WEIGHT = 2.0  # chrF2: recall counts twice as much as precision


def mean(values: Sequence[float]) -> float:
    """The average; 0 where there is nothing to average."""
    return sum(values) / len(values) if values else 0.0


def words(text: str) -> list[str]:
    """The words and punctuation marks of a text, in lower case."""
    return TOKEN.findall(text.lower())


def squeeze(text: str) -> str:
    """The text with every run of white space as one space, none at the ends."""
    return " ".join(text.split())


def macro_f1(targets: Sequence[str], answers: Sequence[str], labels: Sequence[str]) -> float:
    """Mean over the labels of F1 = 2 TP / (2 TP + FP + FN).

    A label counts if it is a target or an answer somewhere; an answer that is no label is simply wrong:
    a miss for its target, and no extra class.
    """
    scores = []
    for label in labels:
        hits = sum(target == answer == label for target, answer in zip(targets, answers, strict=True))
        claimed, present = answers.count(label), targets.count(label)
        if claimed + present:
            scores.append(2 * hits / (claimed + present))
    return mean(scores)


def bleu(answers: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Corpus BLEU up to 4-grams with several references an answer (Papineni et al. 2002), between 0 and 1.

    Matches are clipped by the reference that has the most; the brevity penalty takes the reference
    nearest in length (the shorter of two). Precisions of two words and more are smoothed by adding one
    to matches and total (Lin and Och 2004, ORANGE), so that a small set does not score 0.
    """
    matches, totals = [0] * ORDERS, [0] * ORDERS
    written = wanted = 0
    for answer, texts in zip(answers, references, strict=True):
        own, others = words(answer), [words(text) for text in texts]
        written += len(own)
        wanted += min((len(other) for other in others), key=lambda size: (abs(size - len(own)), size))
        for order in range(ORDERS):
            found, total = _clipped(own, others, order + 1)
            matches[order] += found
            totals[order] += total
    if not matches[0]:
        return 0.0
    added = [0, *[1] * (ORDERS - 1)]
    logs = [math.log((m + a) / (t + a)) for m, t, a in zip(matches, totals, added, strict=True)]
    return math.exp(min(0.0, 1 - wanted / written) + mean(logs))


def _clipped(own: list[str], others: list[list[str]], order: int) -> tuple[int, int]:
    counts = _runs(own, order)
    most: Counter[tuple[str, ...]] = Counter()
    for other in others:
        most |= _runs(other, order)
    return (counts & most).total(), counts.total()


def _runs(items: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(items[start : start + order]) for start in range(len(items) - order + 1))


def chrf(answer: str, reference: str) -> float:
    """chrF2: F score of shared runs of one to six characters, white space left out (Popovic 2015).

    Precision and recall are averaged over the orders that both texts are long enough for; recall
    weighs twice. Works in every script, since it needs no words.
    """
    own, other = "".join(answer.split()), "".join(reference.split())
    if not own or not other:
        return float(own == other)
    precisions, recalls = [], []
    for order in range(1, CHARACTER_ORDERS + 1):
        counts, wanted = _runs(own, order), _runs(other, order)
        if counts and wanted:
            shared = (counts & wanted).total()
            precisions.append(shared / counts.total())
            recalls.append(shared / wanted.total())
    precision, recall = mean(precisions), mean(recalls)
    weight = RECALL_WEIGHT**2
    below = weight * precision + recall
    return (1 + weight) * precision * recall / below if below else 0.0


def first_word(answer: str) -> str:
    """The first word of an answer in small letters, without the marks around it; empty where there is none."""
    first = answer.strip().split(maxsplit=1)[:1]
    return first[0].strip(".,!?\"'").lower() if first else ""
