"""The notebooks that are generated from a lesson's source: in step, without outputs, without a solution."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

pytest.importorskip("jupytext")

from workbench.lessons import build, check  # noqa: E402
from workbench.lessons.question import Number, Words, digest  # noqa: E402
from workbench.lessons.twins import (  # noqa: E402
    CHECK,
    lessons,
    solutions,
    student,
    teacher,
    without_solutions,
    written,
)

SOURCES = lessons(build.FOLDER)
TOY = """# %% [markdown]
# # A toy
# *Your answer:*
# <!-- BEGIN SOLUTION -->
# a secret thought
# <!-- END SOLUTION -->

# %%
answer = ...  # your answer
# BEGIN SOLUTION
answer = 6 * 7
# END SOLUTION

# %%
check.close("toy.answer", answer)
"""


def cells(notebook):
    return [cell["source"] for cell in notebook.cells]


def test_the_student_gets_the_cells_without_the_solutions():
    notebook = student(TOY, "99_toy")
    assert cells(notebook) == [
        "# A toy\n*Your answer:*",
        "answer = ...  # your answer",
        'check.close("toy.answer", answer)',
    ]
    assert "secret" not in written(notebook) and "6 * 7" not in written(notebook)


def test_the_teacher_gets_solutions_and_marks():
    text = written(teacher(TOY, "99_toy"))
    assert "answer = 6 * 7" in text and "secret" in text and "BEGIN SOLUTION" in text


def test_exercises_carry_the_metadata_of_nbgrader():
    open_cell, answer, checked = (cell["metadata"]["nbgrader"] for cell in student(TOY, "99_toy").cells)
    assert open_cell["grade"] and open_cell["solution"] and open_cell["points"] == 2 and not open_cell["locked"]
    assert not answer["grade"] and answer["solution"] and not answer["locked"] and "points" not in answer
    assert checked["grade"] and not checked["solution"] and checked["locked"] and checked["points"] == 1
    assert [fact["grade_id"] for fact in (open_cell, answer, checked)] == [
        "99_toy-open",
        "toy-answer-answer",
        "toy-answer",
    ]
    assert {fact["schema_version"] for fact in (open_cell, answer, checked)} == {3}


@pytest.mark.parametrize(
    "text", ["# BEGIN SOLUTION\nx = 1", "x = 1\n# END SOLUTION", "# BEGIN SOLUTION\n# BEGIN SOLUTION"]
)
def test_a_mark_without_its_partner_is_an_error(text):
    with pytest.raises(ValueError, match="SOLUTION|partner"):
        without_solutions(text)


def test_building_twice_changes_nothing(tmp_path: Path):
    (tmp_path / "99_toy.py").write_text(TOY)
    assert build.main(["--folder", str(tmp_path), "--check"]) == 1
    assert build.write(tmp_path) == [tmp_path / "99_toy.ipynb", tmp_path / "teacher" / "99_toy.ipynb"]
    assert build.write(tmp_path) == []
    assert build.main(["--folder", str(tmp_path), "--check"]) == 0
    (tmp_path / "98_gone.ipynb").write_text("{}")
    assert build.out_of_step(tmp_path) == [tmp_path / "98_gone.ipynb"]


def test_the_committed_twins_match_their_sources():
    assert SOURCES
    assert build.out_of_step(build.FOLDER) == [], "run: python -m workbench.lessons.build"


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_lesson_has_all_its_parts(source: Path):
    text = source.read_text()
    for part in ("**The question.**", "## The claim", "## Predict before you run", "rom scratch", "## The race",
                 "## What to see", "## Exercises", "**Open question.**", "arXiv:"):  # fmt: skip
        assert part in text, part
    asked = CHECK.findall(text)
    assert len(asked) == len(set(asked)) == 3
    assert set(asked) <= set(check.names())


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_code_cells_are_short(source: Path):
    for cell in student(source.read_text(), source.stem).cells:
        assert cell["cell_type"] != "code" or len(cell["source"].splitlines()) <= 25, cell["source"]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_answer_stands_in_the_students_twin(source: Path):
    text = source.read_text()
    notebook = student(text, source.stem)
    shown = "\n".join(cells(notebook))
    for line in solutions(text):
        assert line.strip(" #") not in shown, line
    words = re.findall(r"\w+", re.sub(r'"[^"\n]*"', " ", shown).casefold())
    for name in CHECK.findall(text):
        question = check._questions(name.partition(".")[0])[name.partition(".")[2]]
        if isinstance(question, Words) and not question.options:
            pairs = [" ".join(pair) for pair in pairwise(words)]
            assert not {digest(name, phrase) for phrase in [*words, *pairs]} & set(question.digests)
        elif isinstance(question, Number) and not question.answer.__code__.co_argcount:
            number = question.answer()
            forms = {f"{number:.0f}", f"{number:,.0f}"} if number > 10 else {f"{number:.2f}", f"{number:.3f}"}
            assert not any(re.search(rf"(?<![\d.,]){re.escape(form)}(?![\d.,]*\d)", shown) for form in forms), name


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_twins_ship_without_outputs(source: Path):
    for path in (build.FOLDER / f"{source.stem}.ipynb", build.FOLDER / build.TEACHER / f"{source.stem}.ipynb"):
        for cell in json.loads(path.read_text())["cells"]:
            assert cell["cell_type"] != "code" or (cell["outputs"], cell["execution_count"]) == ([], None)


def test_every_question_is_asked_in_some_lesson():
    asked = {name for source in SOURCES for name in CHECK.findall(source.read_text())}
    assert asked == set(check.names())
