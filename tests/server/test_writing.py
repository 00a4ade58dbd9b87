"""Texts of base and tuned runs: whose runs may write, how much, and what a worker is asked."""

import json

from workbench.jobs.kinds import MOST_VOICES
from workbench.server.writing import LONGEST_PROMPT

SAID = [{"place": 0, "text": "Once"}, {"place": 1, "text": " upon"}, {"place": 1, "done": True}]


def test_a_pupil_hears_the_base_and_their_run(pupils, submit, class_desk) -> None:
    mine, other = pupils
    (row,) = submit(mine, "lora")
    folder = class_desk.folder(row["run"], class_desk.index.entry(row["run"]).owner)
    body = {"prompt": "One day", "runs": [row["run"]], "temperature": 0.5, "seed": 3, "tokens": 7}
    assert "no tuned weights" in mine.post("/api/write", json=body).json()["error"]
    folder.artifact.mkdir()
    class_desk.executor.answers = SAID
    answer = mine.post("/api/write", json=body)
    assert [json.loads(line) for line in answer.text.splitlines()] == SAID
    asked = class_desk.executor.asked[-1]
    assert asked["model"] == "pocket-gpt" and asked["artifacts"] == [None, str(folder.artifact)]
    assert {name: asked[name] for name in ("temperature", "seed", "tokens", "top_p", "scale")} == {
        "temperature": 0.5, "seed": 3, "tokens": 7, "top_p": 1.0, "scale": 1.0
    }  # fmt: skip
    assert other.post("/api/write", json=body).status_code == 404
    assert other.get(f"/api/races/{row['race']}/events").status_code == 404
    assert other.post("/api/write", json={"prompt": "One day"}).status_code == 200  # the base is everybody's


WRONG = [
    ({"prompt": "x" * (LONGEST_PROMPT + 1)}, "the length of the prompt"),
    ({"tokens": 201}, "tokens is 201"),
    ({"tokens": 0}, "tokens is 0"),
    ({"temperature": -1}, "temperature is -1"),
    ({"temperature": 1e999}, "temperature"),
    ({"top_p": 0}, "top_p is 0"),
    ({"scale": 9}, "scale is 9"),
    ({"seed": -1}, "seed is -1"),
    ({"seed": 1 << 64}, "seed"),
    ({"runs": ["x"] * (MOST_VOICES + 1)}, "the number of runs"),
    ({"runs": ["x", "x"]}, "the number of runs"),
    ({"prompt": None}, "cannot be read"),
]


def test_what_goes_too_far_is_one_sentence(client, desk) -> None:
    for wrong, told in WRONG:
        body = json.dumps({"prompt": "One day", **wrong})
        answer = client.post("/api/write", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 422 and told in answer.json()["error"], told
    assert desk.executor.asked == []


def test_a_fault_on_the_way_ends_the_answer_with_a_sentence(client, desk, monkeypatch) -> None:
    from workbench.errors import RunError

    def ask(what):
        yield SAID[0]
        raise RunError("The worker died.", "Try again.")

    monkeypatch.setattr(desk.executor, "ask", ask)
    lines = client.post("/api/write", json={"prompt": "One day"}).text.splitlines()
    assert [json.loads(line) for line in lines] == [SAID[0], {"error": "The worker died.", "hint": "Try again."}]


def test_events_are_read_on_from_a_cursor(client, submit) -> None:
    (row,) = submit(client, "lora")
    first = client.get(f"/api/races/{row['race']}/events").json()
    assert first["events"][0]["event"] == "started" and first["runs"][0]["state"] == "finished"
    rest = client.get(f"/api/races/{row['race']}/events?after={first['upto']}").json()
    assert rest["events"] == [] and rest["upto"] == first["upto"]
    assert client.get(f"/api/races/{row['race']}/events?after=-1").status_code == 422
