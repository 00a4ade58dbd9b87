"""From a lesson's source to its notebooks: the student's without solutions, the teacher's with them.

Sources are in jupytext's percent format. What stands between `BEGIN SOLUTION` and `END SOLUTION` (nbgrader's own
marks) is the teacher's. Cells carry nbgrader's metadata, as its documentation of schema version 3 lists it.
"""

import re
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"
CHECK = re.compile(r"^check\.(?:close|choice|text)\(\s*\"(?P<name>[\w.]+)\"", re.MULTILINE)
OPEN = "*Your answer:*"
POINTS, POINTS_OPEN = 1, 2
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def student(source: str, lesson: str) -> NotebookNode:
    """The notebook that is handed out: solutions emptied, no outputs."""
    return _notebook(source, lesson, with_solutions=False)


def teacher(source: str, lesson: str) -> NotebookNode:
    """The notebook with solutions and their marks, from which nbgrader can also make its own release."""
    return _notebook(source, lesson, with_solutions=True)


def written(notebook: NotebookNode) -> str:
    """The notebook as the text of its file."""
    return str(nbformat.writes(notebook)) + "\n"  # type: ignore[no-untyped-call]


def lessons(folder: Path) -> list[Path]:
    """The sources of the course in their order."""
    return sorted(path for path in folder.glob("[0-9][0-9]_*.py"))


def without_solutions(text: str) -> str:
    """The text of a cell without what stands between the marks.

    Raises:
        ValueError: a mark has no partner.
    """
    kept: list[str] = []
    is_inside = False
    for line in text.splitlines():
        if BEGIN in line or END in line:
            if is_inside == (BEGIN in line):
                raise ValueError(f"a mark without its partner: {line}")
            is_inside = not is_inside
        elif not is_inside:
            kept.append(line)
    if is_inside:
        raise ValueError(f"{BEGIN} without {END}")
    return "\n".join(kept).rstrip()


def solutions(source: str) -> list[str]:
    """Every line that only the teacher sees."""
    lines = source.splitlines()
    begins = [place for place, line in enumerate(lines) if BEGIN in line]
    ends = [place for place, line in enumerate(lines) if END in line]
    return [line for first, last in zip(begins, ends, strict=True) for line in lines[first + 1 : last]]


def _notebook(source: str, lesson: str, with_solutions: bool) -> NotebookNode:
    notebook: NotebookNode = jupytext.reads(source, fmt="py:percent")
    facts = [_grading(notebook.cells, place, lesson) for place in range(len(notebook.cells))]
    for place, (cell, fact) in enumerate(zip(notebook.cells, facts, strict=True)):
        cell["id"] = f"{lesson}-{place:02d}"[:64]
        cell["metadata"] = _node({"nbgrader": fact} if fact else {})
        if not with_solutions:
            cell["source"] = without_solutions(cell["source"])
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    notebook.metadata = _node({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return notebook


def _node(facts: dict[str, Any]) -> NotebookNode:
    return NotebookNode(facts)  # type: ignore[no-untyped-call]


def _grading(cells: list[NotebookNode], place: int, lesson: str) -> dict[str, Any]:
    """nbgrader's metadata of one cell: a check is graded, the cell before it is where the answer goes."""
    own = CHECK.search(cells[place]["source"])
    if own:
        return _metadata(own["name"], grade=True, solution=False, points=POINTS)
    if OPEN in cells[place]["source"]:
        return _metadata(f"{lesson}.open", grade=True, solution=True, points=POINTS_OPEN)
    after = CHECK.search(cells[place + 1]["source"]) if place + 1 < len(cells) else None
    if after and BEGIN in cells[place]["source"]:
        return _metadata(f"{after['name']}.answer", grade=False, solution=True)
    return {}


def _metadata(name: str, grade: bool, solution: bool, points: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = {
        "grade": grade,
        "grade_id": re.sub(r"\W", "-", name),
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    return found | ({"points": points} if grade else {})
