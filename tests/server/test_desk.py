"""What a server leaves to the next one, and what the desk keeps apart, whatever page asks."""

import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from workbench.errors import RunError, SpecError, StorageError
from workbench.runs.folder import create_race, list_runs
from workbench.runs.labels import Labels, write_labels
from workbench.server.desk import Desk, check_home
from workbench.spec import Budget, Choice, RunSpec

ADDRESS = "http://localhost"


def test_a_race_that_waited_when_the_server_ended_begins_with_the_next(home, app_of, wait_for) -> None:
    specs = [RunSpec(method=Choice(method), budget=Budget(steps=3)) for method in ("none", "lora")]
    folders = create_race(specs, home)
    for folder in folders:
        write_labels(folder.path, Labels(owner="local", name="kept"))
    with TestClient(app_of(Desk(home)), ADDRESS) as client:
        rows = wait_for(client, folders[0].about().race)
    assert [(row["state"], row["name"]) for row in rows] == [("finished", "kept")] * 2


def test_a_race_that_goes_when_the_server_ends_is_stopped_and_goes_on_with_the_next(home, app_of, submit, wait_for):
    with TestClient(app_of(Desk(home)), ADDRESS) as client:
        (row,) = submit(client, "lora", steps=100_000, to_the_end=False)
    with TestClient(app_of(Desk(home)), ADDRESS) as client:
        (again,) = client.get("/api/runs").json()
        assert (again["run"], again["state"]) == (row["run"], "stopped")
        assert client.post("/api/runs/go-on", json=[row["run"]]).status_code == 200
        client.post("/api/runs/stop", json=[row["run"]])
        assert wait_for(client, row["race"])[0]["state"] == "stopped"


def test_a_deleted_run_is_removed_for_good_when_the_server_ends(home, app_of, submit) -> None:
    with TestClient(app_of(Desk(home)), ADDRESS) as client:
        (row,) = submit(client, "lora")
        client.post("/api/runs/delete", json=[row["run"]])
        assert list((home / "runs").iterdir()) and not list_runs(home)
    assert not list((home / "runs").iterdir())


def test_pictures_and_tables_are_of_ones_own_runs_only(pupils, class_desk, submit) -> None:
    first, second = submit(pupils[0], "none", "lora:rank=4")
    runs = [first["run"], second["run"]]
    owner = class_desk.index.entry(runs[0]).owner
    assert [run.history.state for run in class_desk.shown(runs, owner)] == ["finished", "finished"]
    with pytest.raises(RunError, match="There is no run"):
        class_desk.shown(runs, "another")
    assert not class_desk.may_watch(first["race"], "another")


def test_in_a_class_no_worker_loads_a_model_folder(pupils, class_desk) -> None:
    with pytest.raises(SpecError, match="a model of the list"):
        class_desk.ask({"kind": "write", "model": "/etc", "artifacts": [None]})
    list(class_desk.ask({"kind": "write", "model": "pocket-gpt", "artifacts": [None]}))
    assert [asked["model"] for asked in class_desk.executor.asked] == ["pocket-gpt"]


def test_news_are_told_to_those_who_listen(home, submit, app_of) -> None:
    desk, heard = Desk(home), []
    desk.listeners.append(lambda: heard.append(time.monotonic()))
    with TestClient(app_of(desk), ADDRESS) as client:
        submit(client, "lora")
    assert heard


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for home in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(StorageError):
            check_home(home)
    check_home(tmp_path / "new" / "home")
    assert list((tmp_path / "new" / "home").iterdir()) == []
