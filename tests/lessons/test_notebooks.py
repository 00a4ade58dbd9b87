"""Every lesson runs from top to bottom with its solutions, within a minute, at the test budget."""

from pathlib import Path
from time import perf_counter

import pytest

pytest.importorskip("jupytext")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

from workbench.lessons.build import FOLDER  # noqa: E402
from workbench.lessons.twins import lessons, student, teacher  # noqa: E402

MOST_SECONDS = 60  # on a quiet machine with two cores
PATIENCE = 10  # a busy machine may take so many times as long


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_BUDGET", "test")
    monkeypatch.setenv("WORKBENCH_CHECK", "strict")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def execute(notebook) -> float:
    """Run all cells in a kernel of their own and return the seconds of the longest way through."""
    began = perf_counter()
    nbclient.NotebookClient(notebook, timeout=MOST_SECONDS * PATIENCE, kernel_name="python3").execute(cwd=str(FOLDER))
    return perf_counter() - began


@pytest.mark.parametrize("source", lessons(FOLDER), ids=lambda path: path.stem)
def test_a_lesson_runs_with_its_solutions_and_all_answers_are_right(source: Path, record_property) -> None:
    notebook = teacher(source.read_text(), source.stem)
    record_property("seconds", execute(notebook))
    outputs = [output for cell in notebook.cells if cell["cell_type"] == "code" for output in cell["outputs"]]
    said = [output["data"]["text/plain"] for output in outputs if output["output_type"] == "execute_result"]
    assert said.count("Right.") == 3


def test_an_unanswered_lesson_tells_and_does_not_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBENCH_CHECK")
    source = FOLDER / "02_adapters.py"
    notebook = student(source.read_text(), source.stem)
    execute(notebook)
    outputs = [output for cell in notebook.cells if cell["cell_type"] == "code" for output in cell["outputs"]]
    assert sum("Not yet." in output.get("data", {}).get("text/plain", "") for output in outputs) == 3
