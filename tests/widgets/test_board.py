"""The board without a kernel: what it shows, and what it leaves behind."""

import time
from math import exp
from typing import Any

from workbench.events import Stepped
from workbench.widgets.board import Board, Run
from workbench.widgets.still import WIDGET


def test_a_board_of_a_race_that_is_over_shows_its_end(raced: Any) -> None:
    board = Board(raced("none", "full", "lora"))
    assert board.is_over
    board.wait()
    assert list(board.histories) == ["none", "full", "lora"]
    assert [run.state for run in board.runs] == ["finished"] * 3
    screen = board._screen
    assert screen.button.disabled
    assert [bar.value for bar in screen.bars.values()] == [4, 4, 4]
    assert list(screen.figure.data[4].x) == [1, 2, 3, 4]  # training losses of lora
    assert list(screen.figure.data[5].y) == [3.0, 1.0]
    assert "1.000" in screen.numbers.value
    assert "there was" in screen.samples.value
    assert f">{exp(1.0):.2f}<" in screen.metrics.value and "exp of the held-out loss" in screen.metrics.value


def test_more_metrics_are_kept_in_a_fold(raced: Any) -> None:
    kept = Board(raced("full", "lora"))._bundle()["text/html"]
    main, fold = kept.split("<details><summary>More metrics</summary>")
    assert "Perplexity" not in main and f">{exp(1.25):.2f}<" in fold


def test_what_is_kept_is_a_picture_a_table_and_a_text(raced: Any) -> None:
    bundle = Board(raced("full", "lora"))._bundle()
    assert WIDGET not in bundle  # over, and no front end ever drew it
    assert bundle["image/svg+xml"].startswith("<svg")
    assert "data:image/svg+xml;base64," in bundle["text/html"]
    assert "held-out loss" in bundle["text/html"]
    assert "1.250" in bundle["text/plain"]


def test_a_widget_that_was_seen_stays_beside_what_is_kept(raced: Any) -> None:
    board = Board(raced("lora"))
    board._screen.box._view_count = 1
    assert board._bundle()[WIDGET]["model_id"] == board._screen.box.model_id
    board._screen.box._view_count = 0
    assert WIDGET in board._bundle()


def test_texts_of_models_are_shown_and_do_nothing(raced: Any) -> None:
    board = Board(raced("full"))
    assert "&lt;b&gt;a&lt;/b&gt;" in board._screen.samples.value
    assert "<b>a</b>" not in board.still().html


def test_the_board_moves_while_the_runs_do(going: Any) -> None:
    folders, events = going("full", "lora")
    board = Board(folders)
    while not isinstance(next(events), Stepped):
        pass
    wait_for(lambda: len(board.histories["full"].losses) == 1)
    assert not board.is_over
    wait_for(lambda: "step 1 of 4" in board._screen.places[folders[0].id].value)
    list(events)
    board.wait(10)
    assert board.is_over
    assert "over" in board._screen.heading.value


def test_the_stop_button_stops_the_runs(going: Any) -> None:
    folders, events = going("lora", steps=1000)
    board = Board(folders)
    next(events)
    board._screen.button.click()
    assert "stopping" in board._screen.heading.value
    assert sum(1 for _ in events) < 10
    board.wait(10)
    assert board.histories["lora"].state == "stopped"
    assert board._screen.button.disabled


def test_a_run_finds_the_board_of_its_race(raced: Any) -> None:
    folders = raced("full", "lora")
    assert list(Run(folders[1]).board().histories) == ["full", "lora"]
    assert Run(folders[1]).results["loss"]["eval_final"] == 1.25


def test_a_closed_board_leaves_the_runs_alone(going: Any) -> None:
    folders, events = going("lora")
    board = Board(folders)
    board.close()
    list(events)
    assert not board.is_over
    assert Run(folders[0]).state == "finished"


def wait_for(condition: Any, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
