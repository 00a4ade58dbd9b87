"""Checks say right, or give a hint that fits the mistake; in strict mode a wrong answer raises."""

import math

import pytest
import torch

from workbench.errors import SpecError
from workbench.lessons import check
from workbench.lessons.question import Number, Slip, Words, digest, plain

QUESTIONS = {
    "double": Number(lambda: 42.0, "Try again.", tolerance=1e-6, slips=(Slip(lambda: 21.0, "That is half."),)),
    "sum": Number(lambda numbers: sum(numbers), "Add them up."),
    "first": Words((digest("toy.first", "A"),), "Which one starts?", options=("A", "B")),
    "name": Words((digest("toy.name", "low rank"), digest("toy.name", "few directions")), "Two words."),
}


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    """A lesson of four questions, and no strictness from outside."""
    monkeypatch.delenv("WORKBENCH_CHECK", raising=False)
    asked = check._questions
    monkeypatch.setattr(check, "names", lambda: [f"toy.{name}" for name in QUESTIONS])
    monkeypatch.setattr(check, "_questions", lambda lesson: QUESTIONS if lesson == "toy" else asked(lesson))


@pytest.mark.parametrize("answer", [42, 42.0, "42", torch.tensor(42)])
def test_a_right_number_is_right_however_it_is_given(answer):
    verdict = check.close("toy.double", answer)
    assert verdict and verdict.is_right
    assert repr(verdict) == "Right."
    assert "Right" in verdict._repr_markdown_()


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (41, "Try again."),
        (21, "That is half."),
        (math.nan, "Try again."),
        (math.inf, "Try again."),
        ("many", "The answer is a number, such as 128 or 0.5."),
        ([42, 42], "The answer is a number, such as 128 or 0.5."),
        (..., check.UNANSWERED),
        (None, check.UNANSWERED),
    ],
)
def test_a_wrong_number_gets_the_hint_that_fits(answer, hint):
    verdict = check.close("toy.double", answer)
    assert not verdict
    assert verdict.hint == hint
    assert hint in repr(verdict) and hint in verdict._repr_markdown_()
    assert "42" not in repr(verdict)


def test_an_answer_may_depend_on_what_was_measured():
    assert check.close("toy.sum", 6, [1, 2, 3])
    assert not check.close("toy.sum", 6, [1, 2])


def test_a_choice_is_one_of_the_options():
    assert check.choice("toy.first", "A") and check.choice("toy.first", " a. ")
    assert check.choice("toy.first", "B").hint == "Which one starts?"
    assert check.choice("toy.first", "C").hint == "The answer is one of A, B."
    assert check.choice("toy.first", ...).hint == check.UNANSWERED


def test_a_text_does_not_depend_on_letters_blanks_and_points():
    assert check.text("toy.name", "Low  rank!") and check.text("toy.name", "few directions")
    assert check.text("toy.name", "lowrank").hint == "Two words."
    assert check.text("toy.name", "  ").hint == check.UNANSWERED


@pytest.mark.parametrize("wrong", [41, 21, "many", ..., None])
def test_strict_mode_raises_where_an_answer_is_not_right(monkeypatch, wrong):
    monkeypatch.setenv("WORKBENCH_CHECK", "strict")
    assert check.strict()
    assert check.close("toy.double", 42)
    with pytest.raises(check.WrongAnswerError, match="toy.double"):
        check.close("toy.double", wrong)


def test_an_unknown_question_names_the_nearest():
    with pytest.raises(SpecError, match=r"Did you mean toy\.double"):
        check.close("toy.doble", 1)


def test_a_question_is_asked_in_its_own_way():
    with pytest.raises(SpecError, match="words"):
        check.close("toy.first", 1)
    with pytest.raises(SpecError, match="number"):
        check.choice("toy.double", "A")


def test_equal_answers_to_different_questions_look_different():
    assert digest("a.x", "yes") != digest("a.y", "yes")
    assert digest("a.x", "Yes.") == digest("a.x", "yes")
    assert plain(" Never  move! ") == "never move"
