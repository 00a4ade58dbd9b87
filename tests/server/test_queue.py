"""The queue as one person sees it: their own races with their places, those of others as a number."""

import pytest
from starlette.testclient import TestClient


@pytest.fixture
def crowd(pupils, submit, class_desk):
    """Ada's race goes and two more of hers wait; Ben's two came last. Gives the ids: {"ada": [...], "ben": [...]}."""
    class_desk.executor.gate.clear()
    ada, ben = pupils
    races: dict[str, list[str]] = {"ada": [], "ben": []}
    for name, pupil in (("ada", ada), ("ada", ada), ("ada", ada), ("ben", ben), ("ben", ben)):
        races[name].append(submit(pupil, "none", "lora", to_the_end=False)[0]["race"])
    yield races
    class_desk.executor.gate.set()


def places(queue) -> list[tuple[str, int, int]]:
    return [(part["race"], part["place"], part["others_before"]) for part in queue["waiting"]]


def test_an_idle_queue_is_empty(client) -> None:
    queue = client.get("/api/queue").json()
    nothing = {"is_shared": False, "is_warm": True, "runs": [], "going": None, "waiting": [], "others_waiting": 0}
    assert queue == nothing


def test_one_person_sees_what_goes_and_what_waits_in_order(client, submit, desk, wait_for) -> None:
    desk.executor.gate.clear()
    rows = [submit(client, "none", "lora", to_the_end=False) for _ in range(3)]
    queue = client.get("/api/queue").json()
    assert (queue["going"]["race"], queue["is_shared"]) == (rows[0][0]["race"], False)
    assert queue["going"]["runs"] == [row["run"] for row in rows[0]]
    assert places(queue) == [(rows[1][0]["race"], 1, 0), (rows[2][0]["race"], 2, 0)]
    assert {row["run"] for row in queue["runs"]} == {row["run"] for race in rows for row in race}
    desk.executor.gate.set()
    for race in rows:
        wait_for(client, race[0]["race"])
    assert client.get("/api/queue").json()["runs"] == []


def test_owners_take_turns_and_each_is_told_how_many_of_others_come_before(pupils, crowd) -> None:
    ada, ben = (pupil.get("/api/queue").json() for pupil in pupils)
    assert places(ben) == [(crowd["ben"][0], 1, 0), (crowd["ben"][1], 3, 1)]
    assert places(ada) == [(crowd["ada"][1], 2, 1), (crowd["ada"][2], 4, 2)]
    assert (ada["others_waiting"], ben["others_waiting"]) == (2, 2)
    assert ada["is_shared"] and ben["is_shared"]


def test_nothing_of_others_is_named(pupils, crowd) -> None:
    ada, ben = (pupil.get("/api/queue") for pupil in pupils)
    assert ada.json()["going"]["race"] == crowd["ada"][0]
    assert ben.json()["going"] == {"race": None, "runs": []}
    runs_of_ada = [row["run"] for row in pupils[0].get("/api/runs").json()]
    assert len(runs_of_ada) == 6
    for foreign in (*crowd["ada"], *runs_of_ada):
        assert foreign not in ben.text
    for foreign in crowd["ben"]:
        assert foreign not in ada.text


def test_only_ones_own_races_leave_the_queue(pupils, crowd) -> None:
    ada, ben = pupils
    first, second = (part["runs"] for part in ben.get("/api/queue").json()["waiting"])
    assert ada.post("/api/runs/stop", json=first).status_code == 404
    assert len(ben.get("/api/queue").json()["waiting"]) == 2
    assert ben.post("/api/runs/stop", json=first).status_code == 200
    assert places(ben.get("/api/queue").json()) == [(crowd["ben"][1], 1, 0)]
    assert places(ada.get("/api/queue").json()) == [(crowd["ada"][1], 2, 1), (crowd["ada"][2], 3, 1)]
    ben.post("/api/runs/stop", json=second)
    assert ben.get("/api/queue").json()["waiting"] == []


def test_a_run_that_is_stopped_stays_no_part_of_what_waits(client, submit, desk) -> None:
    desk.executor.gate.clear()
    submit(client, "none", to_the_end=False)
    stays, leaves = submit(client, "none", "lora", to_the_end=False)
    client.post("/api/runs/stop", json=[leaves["run"]])
    (part,) = client.get("/api/queue").json()["waiting"]
    assert part["runs"] == [stays["run"]]


def test_a_browser_that_is_not_logged_in_sees_no_queue(pupils, crowd) -> None:
    answer = TestClient(pupils[0].app, "http://localhost:7860").get("/api/queue")
    assert (answer.status_code, answer.text) == (401, "Log in first.")
