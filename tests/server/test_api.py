"""What a browser can ask: races, lists, labels, files; and the sentence for each mistake."""

import io
import zipfile
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from workbench.errors import RunError
from workbench.server.desk import LOCAL
from workbench.spec import RunSpec

RUN = "20260101-000000-lora-0000"
PACE = {"parameters": 2_000_000, "cores": 2, "read": 1e-4, "write": 1e-3, "domain": 0.5, "tokens": {}}


def sentence(answer: Any) -> str:
    """The sentence and hint of a refusal."""
    assert 400 <= answer.status_code < 500, answer.text
    assert set(answer.json()) == {"error", "hint"}, answer.text
    text = " ".join(answer.json().values())
    assert "Traceback" not in text and text.strip()
    return text


def test_the_losses_of_a_head_are_told_per_answer(client, spec, wait_for) -> None:
    head = spec("lora", task="feelings", objective="classification")
    race = client.post("/api/races", json=[head]).json()["race"]
    wait_for(client, race)
    assert client.get(f"/api/races/{race}").json()["loss_unit"] == "nats per answer"
    report = client.get(f"/api/races/{race}/report").text
    assert "loss after (nats/answer)" in report and "forgetting (nats/token)" in report
    assert "1.500 nats per answer" in client.get(f"/api/races/{race}/findings").json()[0]


def test_a_race_is_submitted_drawn_and_listed(client, submit) -> None:
    first, second = submit(client, "none", "lora:rank=4")
    assert [first["state"], second["state"]] == ["finished", "finished"]
    assert (second["method"], second["step"], second["steps"], second["loss"]) == ("lora:rank=4", 3, 3, 1.5)
    assert (first["trains"], second["trains"]) == (False, True)
    board = client.get(f"/api/races/{first['race']}").json()
    assert [run["run"] for run in board["runs"]] == [first["run"], second["run"]]
    assert (board["model"], board["steps"], board["loss_unit"]) == ("pocket-gpt", 3, "nats per token")
    assert len({run["style"]["colour"] for run in board["runs"]}) == 2
    assert all(run["predicted_memory"] > 0 for run in board["runs"])
    report = client.get(f"/api/races/{first['race']}/report")
    assert report.text.startswith("<!") and first["race"] in report.headers["content-disposition"]
    assert all(isinstance(line, str) for line in client.get(f"/api/races/{first['race']}/findings").json())


def test_the_newest_race_is_listed_first(client, submit, desk) -> None:
    submit(client, "none")
    submit(client, "lora")
    rows = client.get("/api/runs").json()
    assert [row["created"] for row in rows] == sorted((row["created"] for row in rows), reverse=True)


def test_a_going_run_stops_and_goes_on(client, submit, wait_for) -> None:
    (row,) = submit(client, "lora", steps=100_000, to_the_end=False)
    assert client.post("/api/runs/stop", json=[row["run"]]).status_code == 200
    (stopped,) = wait_for(client, row["race"])
    assert stopped["state"] == "stopped" and stopped["step"] < 100_000
    assert "finished" not in client.post("/api/runs/stop", json=[row["run"]]).text  # a second time does nothing
    assert client.post("/api/runs/go-on", json=[row["run"]]).status_code == 200
    assert client.post("/api/runs/stop", json=[row["run"]]).status_code == 200
    assert wait_for(client, row["race"])[0]["state"] == "stopped"


def test_a_race_that_waits_can_be_stopped_before_it_begins(client, submit, desk, wait_for) -> None:
    desk.executor.gate.clear()
    (going,) = submit(client, "lora", to_the_end=False)
    waiting = submit(client, "none", "lora", to_the_end=False)
    assert [state["place"] for state in desk.states(waiting[0]["race"])] == [1, 1]
    client.post("/api/runs/stop", json=[row["run"] for row in waiting])
    assert [row["state"] for row in wait_for(client, waiting[0]["race"])] == ["stopped", "stopped"]
    assert [row["steps"] for row in wait_for(client, waiting[0]["race"])] == [3, 3]
    desk.executor.gate.set()
    assert wait_for(client, going["race"])[0]["state"] == "finished"


def test_names_and_tags_are_kept(client, submit) -> None:
    (row,) = submit(client, "lora")
    label = {"run": row["run"], "name": " My best ", "tags": ["lesson 3", "rank"]}
    assert client.post("/api/runs/label", json=label).status_code == 200
    client.post("/api/runs/label", json={"run": row["run"], "tags": ["rank"]})
    (row,) = client.get("/api/runs").json()
    assert (row["name"], row["tags"]) == ("My best", ["rank"])


def test_a_deleted_run_is_gone_until_it_is_brought_back(client, submit) -> None:
    (row,) = submit(client, "lora")
    assert client.post("/api/runs/delete", json=[row["run"]]).status_code == 200
    assert client.get("/api/runs").json() == []
    assert client.get(f"/api/races/{row['race']}").status_code == 404
    assert client.post("/api/runs/restore", json=[row["run"]]).status_code == 200
    assert client.get("/api/runs").json() == [row]
    assert "cannot be brought back" in sentence(client.post("/api/runs/restore", json=[row["run"]]))


def test_several_are_deleted_all_or_none(client, submit, desk) -> None:
    over = [row["run"] for row in submit(client, "none", "lora")]
    desk.executor.gate.clear()
    (going,) = submit(client, "lora", to_the_end=False)
    refusal = client.post("/api/runs/delete", json=[*over, going["run"]])
    assert refusal.status_code == 422 and "Stop it first." in refusal.text
    assert {row["run"] for row in client.get("/api/runs").json()} == {*over, going["run"]}
    assert client.post("/api/runs/delete", json=over).status_code == 200
    assert [row["run"] for row in client.get("/api/runs").json()] == [going["run"]]
    assert client.post("/api/runs/restore", json=over).status_code == 200
    assert {row["run"] for row in client.get("/api/runs").json()} == {*over, going["run"]}


def test_a_run_is_handed_in_and_taken_in(client, submit) -> None:
    (row,) = submit(client, "lora")
    file = client.get(f"/api/runs/{row['run']}/zip")
    assert file.headers["content-type"] == "application/zip"
    assert f"{row['run']}/events.jsonl" in zipfile.ZipFile(io.BytesIO(file.content)).namelist()
    assert "here already" in sentence(client.post("/api/runs/import", content=file.content))
    client.post("/api/runs/delete", json=[row["run"]])
    answer = client.post("/api/runs/import", content=file.content)
    assert answer.json() == {"run": row["run"]}
    assert client.get("/api/runs").json() == [row]


def test_weights_are_taken_away_as_a_zip_file(client, submit, desk) -> None:
    (row,) = submit(client, "lora")
    assert "no tuned weights" in sentence(client.get(f"/api/runs/{row['run']}/weights"))
    artifact = desk.folder(row["run"], "local").artifact
    artifact.mkdir()
    (artifact / "adapter_config.json").write_text("{}")
    names = zipfile.ZipFile(io.BytesIO(client.get(f"/api/runs/{row['run']}/weights").content)).namelist()
    assert f"{row['run']}-weights/adapter_config.json" in names


def test_a_finished_run_is_opened_as_a_notebook(client, submit, desk) -> None:
    (row,) = submit(client, "lora:rank=4")
    answer = client.get(f"/api/runs/{row['run']}/notebook")
    assert answer.headers["content-type"] == "application/x-ipynb+json"
    assert answer.headers["content-disposition"] == f'attachment; filename="{row["run"]}.ipynb"'
    cells = answer.json()["cells"]
    assert "LoraConfig" in "".join(line for cell in cells for line in cell["source"])
    desk.executor.gate.clear()
    (waiting,) = submit(client, "lora", to_the_end=False)
    assert "only a finished run" in sentence(client.get(f"/api/runs/{waiting['run']}/notebook"))


def test_a_run_without_a_checkpoint_gets_no_steps(client, submit) -> None:
    base, lora = submit(client, "none", "lora")
    for runs, told in (([base["run"]], "None of these runs trains"), ([lora["run"]], "no checkpoint")):
        assert told in sentence(client.post("/api/runs/extend", json={"runs": runs, "steps": 5}))
    assert "steps" in sentence(client.post("/api/runs/extend", json={"runs": [lora["run"]], "steps": 0}))
    assert sentence(client.post("/api/runs/extend", json={"runs": [RUN], "steps": 5}))


def test_a_data_file_is_kept_and_described(client, spec) -> None:
    rows = "".join(f"question {n},answer {n}\n" for n in range(20))
    answer = client.post("/api/files", params={"name": "../../my data.csv"}, content=f"ask,say\n{rows}").json()
    assert answer["columns"] == ["ask", "say"] and answer["notes"]
    assert answer["path"].endswith("/my_data.csv")
    task = {"name": "own_file", "knobs": {"path": answer["path"], "prompt_column": "ask", "target_column": "say"}}
    assert client.post("/api/races", json=[spec(task=task)]).status_code == 200


def test_a_parquet_file_is_kept_and_described(client) -> None:
    file = io.BytesIO()
    columns = {"ask": [f"question {n}" for n in range(20)], "say": range(20), "picture": [b"\xff"] * 20}
    parquet.write_table(pa.table(columns), file)
    answer = client.post("/api/files", params={"name": "my data.parquet"}, content=file.getvalue()).json()
    assert answer["columns"] == ["ask", "say"]
    assert answer["notes"][0] == "Columns left out: picture (binary)."


def test_a_dataset_of_the_hub_is_fetched_by_a_worker(client, desk) -> None:
    found = {"path": "hub:owner/name", "columns": ["ask", "say"], "notes": ["Good."]}
    desk.executor.answers = [{"rows": 256}, found]
    knobs = {"path": "hub:owner/name", "rows": "300"}
    assert client.post("/api/datasets", json=knobs).json() == found
    assert desk.executor.asked[-1] == {"kind": "fetch", "knobs": knobs}
    for wrong in ("/etc/passwd", "owner/name", ""):
        assert "but allowed is hub:owner/name" in sentence(client.post("/api/datasets", json={"path": wrong}))


def test_what_can_be_picked_and_what_it_takes(client, spec, desk) -> None:
    menu = client.get("/api/menu").json()
    assert {"models", "tasks", "objectives", "methods", "budget"} == set(menu)
    told = client.post("/api/estimate", json=[spec("lora:rank=2"), spec("lora:rank=0")]).json()
    good, bad = told["runs"]
    assert good["trainable"] > 0 and good["label"] and "error" in bad
    assert told["race"]["memory_bytes"] > 0 and told["race"]["seconds"] is None  # nobody has measured this machine yet
    desk.executor.pace = PACE
    assert client.post("/api/estimate", json=[spec("lora")]).json()["race"]["seconds"] > 0
    (wrong,) = client.post("/api/estimate", json=[spec(task="describ")]).json()["runs"]
    assert "describ" in wrong["error"] and "describe" in wrong["hint"]
    desk.executor.answers = [{"sentences": ["Good."], "notes": [], "records": []}]
    assert client.post("/api/look", json=spec()).json()["sentences"] == ["Good."]


def test_one_range_test_is_done_at_a_time(client, spec, desk) -> None:
    def answers() -> Any:
        with pytest.raises(RunError, match="Another range test is going"):
            desk.rates(RunSpec(), LOCAL)
        yield {"suggested": 0.01}

    desk.executor.answers = answers()
    assert client.post("/api/rates", json=spec()).json() == {"suggested": 0.01}
    assert desk.executor.asked[-1] == {"kind": "rates", "spec": RunSpec.from_json(spec()).to_json()}
    desk.executor.answers = [{"suggested": None}]
    assert client.post("/api/rates", json=spec()).json() == {"suggested": None}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"method": "lorra"}, "Did you mean lora?"),
        ({"method": "lora:rank=0"}, "lora:rank is '0'"),
        ({"method": {"name": "lora", "knobs": {"rank": [1]}}}, "lora:rank"),
        ({"method": {"name": "lora", "knobs": "rank"}}, "method"),
        ({"method": 3}, "method is 3"),
        ({"task": "describ"}, "Did you mean describe?"),
        ({"model": "pocket-gp"}, "Did you mean pocket-gpt?"),
        ({"model": "gpt3-175b"}, "counting only"),
        ({"model": "a\0b"}, "not the name of a model"),
        ({"budget": {"steps": 0}}, "budget:steps is 0"),
        ({"budget": {"steps": "many"}}, "budget:steps is 'many'"),
        ({"budget": {"stepz": 3}}, "Did you mean steps?"),
        ({"budget": 3}, "budget is 3"),
        ({"seed": -1}, "seed is -1"),
        ({"sead": 1}, "'sead'"),
    ],
)
def test_a_bad_spec_is_refused_in_one_sentence(client, spec, change: dict[str, Any], told: str) -> None:
    assert told in sentence(client.post("/api/races", json=[{**spec(), **change}]))
    assert client.get("/api/runs").json() == []


def test_a_race_of_too_many_or_of_no_runs_is_refused(client, spec) -> None:
    assert "1 to 16" in sentence(client.post("/api/races", json=[spec()] * 17))
    assert "1 to 16" in sentence(client.post("/api/races", json=[]))


def test_a_queue_that_is_too_long_is_refused(client, submit, desk, spec) -> None:
    desk.executor.gate.clear()
    for _ in range(6):
        submit(client, "none", to_the_end=False)
    assert "wait already" in sentence(client.post("/api/races", json=[spec()]))


@pytest.mark.parametrize(
    "path", [f"races/{RUN}", f"races/{RUN}/report", f"races/{RUN}/findings", f"runs/{RUN}/zip", f"runs/{RUN}/notebook"]
)
def test_what_is_not_there_is_said(client, path: str) -> None:
    assert "There is no r" in sentence(client.get(f"/api/{path}"))


@pytest.mark.parametrize("deed", ["stop", "go-on", "delete", "restore"])
@pytest.mark.parametrize("run", [RUN, "../../etc", "", "."])
def test_nothing_can_be_done_to_an_unknown_run(client, deed: str, run: str) -> None:
    sentence(client.post(f"/api/runs/{deed}", json=[run]))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("races", {"model": "pocket-gpt"}),
        ("races", [3]),
        ("runs/stop", "all"),
        ("runs/label", []),
        ("look", {"method": None}),
        ("rates", {"method": None}),
        ("estimate", [{"budget": []}]),
    ],
)
def test_a_body_of_another_shape_is_refused(client, path: str, body: Any) -> None:
    sentence(client.post(f"/api/{path}", json=body))


def test_a_body_that_is_no_json_is_refused(client) -> None:
    sentence(client.post("/api/races", content=b"{", headers={"content-type": "application/json"}))
    sentence(client.get("/api/nothing"))


@pytest.mark.parametrize(
    "label", [{"name": "x" * 81}, {"tags": ["x" * 31]}, {"tags": [" "]}, {"tags": ["a"] * 11}, {"tags": 3}, {"name": 3}]
)
def test_a_bad_label_is_refused(client, submit, label: dict[str, Any]) -> None:
    (row,) = submit(client, "lora")
    sentence(client.post("/api/runs/label", json={"run": row["run"], **label}))
    assert client.get("/api/runs").json() == [row]


def test_going_and_finished_runs_are_not_deleted_or_resumed(client, submit, desk) -> None:
    desk.executor.gate.clear()
    (row,) = submit(client, "lora", to_the_end=False)
    assert "Stop it first" in sentence(client.post("/api/runs/delete", json=[row["run"]]))
    assert "broke off" in sentence(client.post("/api/runs/go-on", json=[row["run"]]))


@pytest.mark.parametrize("content", [b"", b"PK no zip at all", b"ask,say\n"])
def test_a_broken_zip_file_is_refused(client, content: bytes) -> None:
    assert "was not imported" in sentence(client.post("/api/runs/import", content=content))
    assert client.get("/api/runs").json() == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"ask,say\n"),
        ("a.csv", b'ask,say\n"open,b\n'),
        ("a.csv", b""),
        ("a.csv", b"a,b\n\0"),
        ("a.exe", b"MZ"),
    ],
)
def test_a_broken_data_file_is_refused_and_not_kept(client, home, name: str, content: bytes) -> None:
    sentence(client.post("/api/files", params={"name": name}, content=content))
    assert not [path for path in home.glob("files/**/*") if path.is_file()]


def test_a_file_that_is_too_large_is_refused_and_not_kept(client, home, monkeypatch) -> None:
    monkeypatch.setattr("workbench.server.uploads.MOST_BYTES", 1000)
    for path in ("files?name=a.csv", "runs/import"):
        assert "too large" in sentence(client.post(f"/api/{path}", content=b"a" * 2000))
    assert not [path for path in home.glob("files/**/*") if path.is_file()]


def test_one_owner_keeps_no_more_than_their_share(client, monkeypatch) -> None:
    monkeypatch.setattr("workbench.server.uploads.MOST_OF_AN_OWNER", 1000)
    content = "ask,say\n" + "".join(f"q {n},a {n}\n" for n in range(60))
    assert client.post("/api/files?name=a.csv", content=content).status_code == 200
    assert "your files" in sentence(client.post("/api/files?name=b.csv", content=content))
