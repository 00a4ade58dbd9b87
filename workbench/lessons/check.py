"""Exercises that check themselves: `check.close("lora.numbers", answer)` says right, or gives a hint.

The questions of lesson `lora` stand in `questions/lora.py`. With WORKBENCH_CHECK=strict a wrong answer raises.
"""

import difflib
import importlib
import pkgutil
from dataclasses import dataclass
from typing import TypeVar

from workbench.errors import SpecError, WorkbenchError
from workbench.lessons import questions
from workbench.lessons.question import Number, Question, Words, plain
from workbench.lessons.settings import is_strict

Kind = TypeVar("Kind", bound=Question)
UNANSWERED = "Put your answer in place of the three dots, run that cell, then this one."


class WrongAnswerError(WorkbenchError):
    """In strict mode: an answer is missing or wrong."""


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right, and the hint where it is not; true in an `if` when right."""

    name: str
    is_right: bool
    hint: str = ""

    def __bool__(self) -> bool:
        return self.is_right

    def __repr__(self) -> str:
        return "Right." if self.is_right else f"Not yet. {self.hint}"

    def _repr_markdown_(self) -> str:
        return "✅ **Right.**" if self.is_right else f"🔁 **Not yet.** {self.hint}"


def close(name: str, answer: object, *given: object) -> Verdict:
    """Check a number; `given` are what the answer depends on, such as the runs of your race.

    Raises:
        SpecError: there is no such question.
        WrongAnswerError: in strict mode, when the answer is not right.
    """
    question = _find(name, Number)
    if _is_missing(answer):
        return _said(name, UNANSWERED)
    try:
        number = float(answer)  # type: ignore[arg-type]  # whatever a student gives: an int, a tensor, a text
    except (TypeError, ValueError):
        return _said(name, "The answer is a number, such as 128 or 0.5.")
    return _said(name, question.hint_for(number, *given))


def choice(name: str, answer: object) -> Verdict:
    """Check one of the options of a question.

    Raises:
        SpecError: there is no such question.
        WrongAnswerError: in strict mode, when the answer is not right.
    """
    question = _find(name, Words)
    if _is_missing(answer):
        return _said(name, UNANSWERED)
    if plain(str(answer)) not in {plain(option) for option in question.options}:
        return _said(name, f"The answer is one of {', '.join(question.options)}.")
    return _said(name, question.hint_for(name, str(answer)))


def text(name: str, answer: object) -> Verdict:
    """Check a few words; small letters, blanks and punctuation do not matter.

    Raises:
        SpecError: there is no such question.
        WrongAnswerError: in strict mode, when the answer is not right.
    """
    question = _find(name, Words)
    if _is_missing(answer) or not plain(str(answer)):
        return _said(name, UNANSWERED)
    return _said(name, question.hint_for(name, str(answer)))


def strict() -> bool:
    """Whether a wrong answer raises (WORKBENCH_CHECK=strict), as in CI and in a grader."""
    return is_strict()


def names() -> list[str]:
    """All questions of the course."""
    lessons = [module.name for module in pkgutil.iter_modules(questions.__path__)]
    return [f"{lesson}.{name}" for lesson in lessons for name in _questions(lesson)]


def _questions(lesson: str) -> dict[str, Question]:
    module = importlib.import_module(f"{questions.__name__}.{lesson}")
    found: dict[str, Question] = module.QUESTIONS
    return found


def _find(name: str, kind: type[Kind]) -> Kind:
    if name not in names():
        near = difflib.get_close_matches(str(name), names(), n=1)
        raise SpecError("question", name, "a question of the course", f"Did you mean {near[0]}?" if near else "")
    lesson, _, own = name.partition(".")
    question = _questions(lesson)[own]
    if not isinstance(question, kind):
        wanted = (
            "a number: use check.close" if isinstance(question, Number) else "words: use check.choice or check.text"
        )
        raise SpecError("question", name, f"one asked this way; it wants {wanted}")
    return question


def _is_missing(answer: object) -> bool:
    return answer is None or answer is Ellipsis


def _said(name: str, hint: str) -> Verdict:
    if hint and strict():
        raise WrongAnswerError(f"The answer to {name} is not right.", hint)
    return Verdict(name, not hint, hint)
