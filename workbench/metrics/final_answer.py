"""What stands behind a mark at the end of a derivation: the answer alone, whatever way led to it."""

import math
import re
from decimal import Decimal
from typing import ClassVar

from workbench.metrics.contract import Kind, Metric, Outcome

# digits in groups, as 1,450,000 and 1,00,000, or without; a list such as 1,2,3 is no number
NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{2,3})*,\d{3}|\d+)?(?:\.\d+)?", re.ASCII)


class FinalAnswer(Metric):
    """Right or wrong by the final answer, as Cobbe et al. 2021 (arXiv:2110.14168) score solutions of GSM8K."""

    name: ClassVar[str] = "final_answer"
    title: ClassVar[str] = "Final answer"
    definition: ClassVar[str] = (
        "fraction of answers right behind their last mark (#### in GSM8K, Cobbe et al. 2021); numbers count as numbers "
        "whatever their commas, a $ or a full stop at the end; an answer without the mark is wrong"
    )
    kind: ClassVar[Kind] = "text"
    order: ClassVar[int] = 19

    def measure(self, outcome: Outcome) -> float:
        """Hits by answers; NaN where the answers have no mark to look for."""
        if not outcome.mark:
            return math.nan
        pairs = zip(outcome.answers, outcome.references, strict=True)
        hits = [any(is_right(answer, right, outcome.mark) for right in rights) for answer, rights in pairs]
        return sum(hits) / len(hits)


def is_right(answer: str, right: str, mark: str) -> bool:
    """Whether both hold the same behind their last mark; a right answer without one is compared as a whole."""
    if mark not in right:
        return value_of(answer) == value_of(right)
    return mark in answer and value_of(answer.rpartition(mark)[2]) == value_of(right.rpartition(mark)[2])


def value_of(text: str) -> Decimal | str:
    """The number that a text is, and else the text with its white space squeezed."""
    bare = "".join(text.replace("$", "").split()).removesuffix(".")
    if any(letter.isdigit() for letter in bare) and NUMBER.fullmatch(bare):
        return Decimal(bare.replace(",", ""))
    return " ".join(text.split())
