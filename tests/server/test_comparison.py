"""Taking runs away side by side: a table and a report, for those whose runs they are."""

import csv
import io

import pytest

from workbench.errors import RunError, SpecError
from workbench.server.comparison import comparison
from workbench.views.contract import MOST_RUNS

KINDS = ("table", "report")


def ask(client, kind: str, *runs: str):
    return client.get(f"/api/compare/{kind}", params=[("run", run) for run in runs])


def test_runs_of_several_races_are_one_table(client, submit) -> None:
    (first,), (second,) = submit(client, "lora:rank=4"), submit(client, "none")
    client.post("/api/runs/label", json={"run": first["run"], "name": "=best"})
    answer = ask(client, "table", first["run"], second["run"])
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="comparison.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["run"], row["race"], row["name"]) for row in rows] == [
        (first["run"], first["race"], "'=best"),
        (second["run"], second["race"], ""),
    ]
    assert [float(row["held_out_loss"]) for row in rows] == [first["loss"], second["loss"]]
    assert rows[0]["method"] == "lora:rank=4"


def test_runs_of_several_races_are_one_report(client, submit) -> None:
    (first,), (second,) = submit(client, "lora"), submit(client, "none", steps=5)
    (left_out,) = submit(client, "full")
    answer = ask(client, "report", first["run"], second["run"])
    assert answer.headers["content-disposition"] == 'attachment; filename="comparison.html"'
    assert answer.text.startswith("<!") and "lora, 3 steps" in answer.text and "none, 5 steps" in answer.text
    assert left_out["method"] not in answer.text.split("<script")[0].split("<style>")[1].split("</style>")[1]


def test_a_run_that_is_named_twice_is_there_once(client, submit, desk) -> None:
    (row,) = submit(client, "lora")
    assert len(comparison(desk, [row["run"]] * 3, "local").runs) == 1
    assert len(ask(client, "table", *[row["run"]] * 3).text.strip().splitlines()) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_runs_of_another_are_not_taken_away(pupils, submit, class_desk, kind: str) -> None:
    mine, other = pupils
    (row,), (theirs,) = submit(mine, "lora"), submit(other, "lora")
    assert ask(mine, kind, row["run"]).status_code == 200
    assert ask(other, kind, row["run"]).status_code == 404
    assert ask(other, kind, theirs["run"], row["run"]).status_code == 404
    with pytest.raises(RunError, match="There is no run"):
        comparison(class_desk, [row["run"]], class_desk.index.entry(theirs["run"]).owner)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("run", ["20260101-000000-lora-0000", "../../etc", "", "."])
def test_what_is_not_there_is_said(client, kind: str, run: str) -> None:
    answer = ask(client, kind, run)
    assert answer.status_code == 404 and "There is no run" in answer.json()["error"]


@pytest.mark.parametrize("kind", KINDS)
def test_none_and_too_many_are_refused_in_one_sentence(client, desk, kind: str) -> None:
    for runs in ([], [f"run-{number}" for number in range(MOST_RUNS + 1)]):
        answer = ask(client, kind, *runs)
        assert answer.status_code == 422 and set(answer.json()) == {"error", "hint"}
    with pytest.raises(SpecError, match="runs to compare"):
        comparison(desk, [], "local")
