"""A question of a lesson: how an answer is judged, and what is said to a wrong one."""

import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass

SALT = "transfer-workbench"


@dataclass(frozen=True)
class Slip:
    """A wrong number that people come to, and the hint that leads on from there."""

    value: Callable[..., float]
    hint: str


@dataclass(frozen=True)
class Number:
    """A question whose answer is a number, computed when it is asked for.

    `tolerance` is relative, as a fraction of the answer. Slips are looked at first to last.
    """

    answer: Callable[..., float]
    hint: str
    tolerance: float = 1e-3
    slips: tuple[Slip, ...] = ()

    def hint_for(self, number: float, *given: object) -> str:
        """An empty text when the number is right, else what to think of."""
        if self._is_near(number, self.answer(*given)):
            return ""
        return next((slip.hint for slip in self.slips if self._is_near(number, slip.value(*given))), self.hint)

    def _is_near(self, number: float, wanted: float) -> bool:
        return math.isclose(number, wanted, rel_tol=self.tolerance, abs_tol=1e-12)


@dataclass(frozen=True)
class Words:
    """A question whose answer is words or one of some options; only digests of the answers are kept."""

    digests: tuple[str, ...]
    hint: str
    options: tuple[str, ...] = ()

    def hint_for(self, name: str, answer: str) -> str:
        """An empty text when the answer is right, else what to think of."""
        return "" if digest(name, answer) in self.digests else self.hint


Question = Number | Words


def plain(answer: str) -> str:
    """The answer in small letters, with single blanks and without punctuation."""
    return " ".join(re.sub(r"[^\w\s]", " ", answer.casefold()).split())


def digest(name: str, answer: str) -> str:
    """What is kept of an answer: a hash, salted with the question's name so that equal answers look different."""
    return hashlib.sha256(f"{SALT}/{name}/{plain(answer)}".encode()).hexdigest()[:20]
