from typing import Any

import pytest

import workbench.widgets as wb
from workbench.errors import RunError
from workbench.widgets.listing import folders_of


def test_the_newest_run_is_the_last(raced: Any) -> None:
    raced("full")
    newest = raced("prefix", "lora")
    found = wb.runs()
    assert [run.spec.method.name for run in found] == ["full", "prefix", "lora"]
    assert found[-1].id == newest[1].id
    assert list(found[-1].board().histories) == ["prefix", "lora"]


def test_the_list_shows_as_a_table(raced: Any) -> None:
    raced("full", "lora")
    text, html = repr(wb.runs()), wb.runs()._repr_html_()
    assert "finished" in text and "1.250" in text and "-1" in text
    assert html.count("<tr>") == 3
    assert "No runs yet" in repr(wb.runs()[:0])


def test_a_place_without_a_run_is_told_in_a_sentence() -> None:
    with pytest.raises(RunError, match="There is no run yet, so none at place -1"):
        wb.runs()[-1]


def test_runs_are_named_as_boards_runs_ids_or_lists(raced: Any) -> None:
    folders = raced("full", "lora")
    ids = [folder.id for folder in folders]
    board = wb.runs()[-1].board()
    for named in (board, wb.runs(), list(wb.runs()), ids, folders[0].about().race, [board, ids[0]]):
        assert [folder.id for folder in folders_of(named)] == ids
    with pytest.raises(RunError, match="42 is no run"):
        folders_of([42])
    with pytest.raises(RunError, match="No runs were given"):
        folders_of([])
