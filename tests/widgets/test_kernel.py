"""Notebooks executed by a real kernel, with a real race of a tiny model in a process of its own."""

import time
from pathlib import Path
from typing import Any

from workbench.runs.folder import list_runs
from workbench.widgets.still import WIDGET

START = "import workbench.widgets as wb"
RACE = (
    'board = wb.race(model="pocket-gpt-nano", methods=["none", "full", "lora"], steps={steps}, '
    "batch_size=4, evaluation_examples=4, metric_examples=2)"
)


def data_of(cell: Any) -> list[Any]:
    return [output.data for output in cell.outputs if "data" in output]


def text_of(cell: Any) -> str:
    return str(data_of(cell)[0]["text/plain"])


def test_a_race_runs_beside_the_kernel_and_its_end_is_saved(notebook: Any) -> None:
    import nbformat
    from nbconvert import HTMLExporter

    with notebook() as book:
        book.run(START)
        raced = book.run(RACE.format(steps=40), "board")
        assert len(data_of(raced)) == 1  # shown once, though it is the cell's value too
        assert WIDGET in data_of(raced)[0]
        meanwhile = book.run("other = 6 * 7", "other, board.is_over")
        assert text_of(meanwhile) == "(42, False)"
        book.run("board.wait()")
        ended = book.run(
            "[history.state for history in board.histories.values()], board._screen.bars.popitem()[1].value"
        )
        assert text_of(ended) == "(['finished', 'finished', 'finished'], 40)"
    kept = data_of(raced)[0]  # what the first cell's output has become
    assert WIDGET not in kept
    assert "finished" in kept["text/plain"] and "getting" not in kept["text/plain"]
    assert kept["image/svg+xml"].startswith("<svg") and "<circle" in kept["image/svg+xml"]
    assert "held-out loss" in kept["text/html"]
    nbformat.validate(book.nb)
    page, _ = HTMLExporter().from_notebook_node(book.nb)
    assert "held-out loss" in page and "data:image/svg+xml;base64," in page


def test_a_race_stops_and_a_restarted_kernel_finds_it(notebook: Any, home: Path) -> None:
    with notebook() as book:
        book.run(START, RACE.format(steps=100_000))
        wait_for_steps(home)
        book.run("board.stop()", "board.wait()")
        assert text_of(book.run("board.histories['lora'].state")) == "'stopped'"
    with notebook() as book:
        found = book.run(START, "found = wb.runs()[-1].board()", "found")
        kept = data_of(found)[0]
        assert "stopped" in kept["text/plain"] and "<circle" in kept["image/svg+xml"]
        assert text_of(book.run("list(found.histories)")) == "['none', 'full', 'lora']"


def test_a_race_outlives_its_kernel_and_goes_on_live_in_the_next(notebook: Any, home: Path) -> None:
    with notebook() as book:
        book.run(START, RACE.format(steps=100_000))
        wait_for_steps(home)
    with notebook() as book:
        book.run(START, "board = wb.runs()[-1].board()", "first = board.histories['lora'].step")
        book.run("import time", "time.sleep(2)")
        assert text_of(book.run("board.histories['lora'].step > first > 0, board.is_over")) == "(True, False)"
        book.run("board._screen.button.click()", "board.wait(60)")
        assert text_of(book.run("board.is_over, board.runs[-1].state")) == "(True, 'stopped')"


def test_a_wrong_name_is_one_sentence_in_the_cell(notebook: Any) -> None:
    with notebook() as book:
        book.run(START)
        for line in ('wb.race(methods=["lorra"])', 'wb.anatomy("lora", "gpt3")', "wb.runs()[-1]", "wb.train(stepps=3)"):
            (output,) = book.run(line).outputs
            assert output.output_type == "error"
            assert len(output.traceback) == 1
            assert "Traceback" not in output.traceback[0] and "\n" not in output.traceback[0].strip()


def wait_for_steps(home: Path, seconds: float = 60.0) -> None:
    """Until the last run of the race has taken a few steps."""
    end = time.monotonic() + seconds
    while (
        sum(
            folder.journal.read_bytes().count(b'"stepped"') > 2 for folder in list_runs(home) if folder.journal.exists()
        )
        < 2
    ):
        assert time.monotonic() < end
        time.sleep(0.1)
