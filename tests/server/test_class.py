"""A class: each browser has runs of its own, and nobody reads the server's files."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from starlette.websockets import WebSocketDisconnect

ROWS = "ask,say\n" + "".join(f"question {n},answer {n}\n" for n in range(20))


def test_nobody_sees_or_touches_the_runs_of_another(pupils, submit, class_desk) -> None:
    mine, other = pupils
    (row,) = submit(mine, "lora")
    assert [run["run"] for run in mine.get("/api/runs").json()] == [row["run"]]
    assert other.get("/api/runs").json() == []
    for path in (f"races/{row['race']}", f"races/{row['race']}/report", f"races/{row['race']}/findings"):
        assert mine.get(f"/api/{path}").status_code == 200
        assert other.get(f"/api/{path}").status_code == 404
    for path in ("zip", "weights", "notebook"):
        assert other.get(f"/api/runs/{row['run']}/{path}").status_code == 404
    for deed in ("stop", "go-on", "delete"):
        assert other.post(f"/api/runs/{deed}", json=[row["run"]]).status_code == 404
    assert other.post("/api/runs/label", json={"run": row["run"], "name": "mine"}).status_code == 404
    assert mine.get("/api/runs").json() == [row]


def test_nobody_brings_back_what_another_deleted(pupils, submit) -> None:
    mine, other = pupils
    (row,) = submit(mine, "lora")
    mine.post("/api/runs/delete", json=[row["run"]])
    assert other.post("/api/runs/restore", json=[row["run"]]).status_code == 404
    assert other.get("/api/runs").json() == mine.get("/api/runs").json() == []
    assert mine.post("/api/runs/restore", json=[row["run"]]).status_code == 200
    assert mine.get("/api/runs").json() == [row]


def test_watching_the_race_of_another_closes_the_socket(pupils, submit) -> None:
    mine, other = pupils
    (row,) = submit(mine, "lora")
    wish = json.dumps({"watch": row["race"], "after": 0})
    with mine.websocket_connect("ws://localhost:7860/live") as socket:
        socket.send_text(wish)
        assert socket.receive_json()["events"]
    with other.websocket_connect("ws://localhost:7860/live") as socket:
        socket.send_text(wish)
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()


def own_file(path: str) -> dict:
    return {"name": "own_file", "knobs": {"path": path, "prompt_column": "ask", "target_column": "say"}}


def test_a_pupil_trains_on_what_they_uploaded_and_on_no_other_file(pupils, spec, tmp_path: Path) -> None:
    mine, other = pupils
    path = mine.post("/api/files?name=a.csv", content=ROWS).json()["path"]
    secret = tmp_path / "marks.csv"
    secret.write_text(ROWS)
    link = Path(path).parent / "link.csv"
    link.symlink_to(secret)
    assert mine.post("/api/races", json=[spec(task=own_file(path))]).status_code == 200
    assert other.post("/api/races", json=[spec(task=own_file(path))]).status_code == 422
    for wrong in (str(secret), f"{Path(path).parent}/../../../../marks.csv", "marks.csv", str(link), "/etc/passwd"):
        for route, body in (
            ("races", [spec(task=own_file(wrong))]),
            ("look", spec(task=own_file(wrong))),
            ("rates", spec(task=own_file(wrong))),
        ):
            answer = mine.post(f"/api/{route}", json=body)
            assert answer.status_code == 422 and "a file that you uploaded here" in answer.json()["error"]
    assert mine.post("/api/races", json=[spec(task=f"own_file:path={secret}")]).status_code == 422


def test_a_pupil_trains_on_a_dataset_of_the_hub(pupils, spec) -> None:
    mine, _ = pupils
    assert mine.post("/api/races", json=[spec(task=own_file("hub:owner/name"))]).status_code == 200


@pytest.mark.parametrize("model", ["/etc", "./assets/pocket-gpt", "~", "assets/pocket-gpt"])
def test_no_model_folder_of_the_server_is_reached(pupils, spec, monkeypatch, model: str) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    mine, _ = pupils
    for route, body in (("races", [spec(model=model)]), ("look", spec(model=model)), ("estimate", [spec(model=model)])):
        answer = mine.post(f"/api/{route}", json=body)
        assert answer.status_code == 422 and "a model of the list" in answer.json()["error"], route


def test_a_handed_in_run_opens_no_file_of_the_server(pupils, submit, wait_for) -> None:
    mine, other = pupils
    (row,) = submit(mine, "lora", steps=100_000, to_the_end=False)
    mine.post("/api/runs/stop", json=[row["run"]])
    assert wait_for(mine, row["race"])[0]["state"] == "stopped"
    source = zipfile.ZipFile(io.BytesIO(mine.get(f"/api/runs/{row['run']}/zip").content))
    for secret in ({"task": own_file("/etc/passwd")}, {"model": "/etc"}):
        mine.post("/api/runs/delete", json=[row["run"]])
        changed = io.BytesIO()
        with zipfile.ZipFile(changed, "w") as target:
            for name in source.namelist():
                data = source.read(name)
                target.writestr(name, json.dumps(json.loads(data) | secret) if name.endswith("spec.json") else data)
        assert other.post("/api/runs/import", content=changed.getvalue()).status_code == 200
        assert other.post("/api/runs/go-on", json=[row["run"]]).status_code == 422
        assert other.get("/api/runs").json()[0]["state"] == "stopped"
        other.post("/api/runs/delete", json=[row["run"]])


def test_the_files_of_one_are_no_folder_of_another(pupils, home: Path) -> None:
    mine, other = pupils
    places = {Path(browser.post("/api/files?name=a.csv", content=ROWS).json()["path"]).parents[1] for browser in pupils}
    assert len(places) == 2 and all(place.parent == home / "files" for place in places)
