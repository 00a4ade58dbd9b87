"""A dataset of the hub is streamed once, kept, and read like a file; what goes wrong is one sentence."""

import io
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from workbench.errors import DataError, SpecError
from workbench.tasks.own_file import OwnFile

_HUB = runpy.run_path(str(Path(__file__).with_name("fake_hub.py")))
# Endpoint, cache and offline mode are read when the libraries are imported, so a process of its own asks.
ASK = """
import json, sys
from dataclasses import astuple
from workbench.errors import WorkbenchError
from workbench.tasks.own_file import OwnFile, first_look

answers = {}
for name, knobs in json.load(sys.stdin).items():
    task = OwnFile(**knobs)
    try:
        look = first_look(task)
        records = task.records("train", 0, 0) + task.records("evaluation", 0, 0)
        answers[name] = {**look, "pairs": [[record.prompt, record.target] for record in records]}
    except WorkbenchError as error:
        answers[name] = {"error": str(error), "kind": type(error).__name__}
print(json.dumps(answers))
"""


def table(**columns: Any) -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file, row_group_size=100)
    return file.getvalue()


def numbered(first: int, rows: int) -> bytes:
    numbers = range(first, first + rows)
    return table(
        question=[f"q{n}" for n in numbers], answer=[f"a{n}" for n in numbers], picture=[b"\xff"] * rows, n=numbers
    )


CHAT = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
OTHER = [{"role": "user", "content": "Bye"}, {"role": "assistant", "content": "See you"}]
REVIEWS = b"""---
dataset_info:
  features:
  - name: text
    dtype: string
  - name: label
    dtype:
      class_label:
        names: {'0': bad, '1': good}
---
"""
TWO = b"""---
configs:
- config_name: first
  data_files: a.csv
- config_name: second
  data_files: b.csv
---
"""
REPOSITORIES = {
    "owner/tables": {
        "README.md": b"",
        "data/train-00000-of-00002.parquet": numbered(0, 300),
        "data/train-00001-of-00002.parquet": numbered(300, 300),
        "data/test-00000-of-00001.parquet": numbered(5000, 20),
    },
    "owner/chats": {"train.jsonl": b"".join(json.dumps({"messages": c}).encode() + b"\n" for c in (CHAT, OTHER))},
    "owner/reviews": {"README.md": REVIEWS, "train.parquet": table(text=["a", "b", "c"], label=[1, 0, -1])},
    "owner/two": {"README.md": TWO, "a.csv": b"q,a\n1,2\n2,3\n", "b.csv": b"q,a\n7,8\n9,10\n"},
    "owner/pictures": {"a.png": b"x", "b.png": b"y"},
    "owner/code": {"code.py": b"raise SystemExit"},
    "owner/nothing": {"weights.bin": b"x"},
    "owner/gated": {"train.csv": b"q,a\n1,2\n3,4\n"},
}
QUESTIONS: dict[str, dict[str, Any]] = {
    "some": {"path": "hub:owner/tables", "rows": 350, "prompt_column": "question", "target_column": "answer"},
    "test": {"path": " hub: owner/tables", "split": "test", "prompt_column": "n", "target_column": "answer"},
    "chats": {"path": "hub:owner/chats"},
    "labels": {"path": "hub:owner/reviews", "rows": 2, "prompt_column": "text", "target_column": "label"},
    "second": {"path": "hub:owner/two", "config": "second"},
    "commit": {"path": "hub:owner/two", "config": "first", "revision": _HUB["COMMIT"]},
    "no config": {"path": "hub:owner/two"},
    "no split": {"path": "hub:owner/tables", "split": "valid"},
    "no column": {"path": "hub:owner/tables", "rows": 350, "prompt_column": "questions", "target_column": "answer"},
    "binary": {"path": "hub:owner/tables", "rows": 350, "prompt_column": "question", "target_column": "picture"},
    "no label": {"path": "hub:owner/reviews", "prompt_column": "text", "target_column": "label"},
    "no revision": {"path": "hub:owner/tables", "revision": "v9"},
    "pictures": {"path": "hub:owner/pictures"},
    "code": {"path": "hub:owner/code"},
    "nothing": {"path": "hub:owner/nothing"},
    "gated": {"path": "hub:owner/gated"},
    "unknown": {"path": "hub:owner/unknown"},
}


def ask(home: Path, questions: dict[str, Any], endpoint: str, **environment: str) -> dict[str, Any]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    told = {"HF_ENDPOINT": endpoint, "HF_HOME": str(home / "hf"), "WORKBENCH_HOME": str(home / "home")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", ASK],
        input=json.dumps(questions),
        env={**known, **told, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path), **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hub")


@pytest.fixture(scope="module")
def answers(home: Path) -> dict[str, Any]:
    """What is answered to all questions while the hub is there."""
    with _HUB["serve"](REPOSITORIES) as address:
        return ask(home, QUESTIONS, address)


def test_the_first_rows_are_read_over_the_borders_of_files(answers: dict[str, Any]) -> None:
    told = answers["some"]
    assert told["columns"] == ["question", "answer", "n"]
    assert sorted(told["pairs"]) == sorted([f"q{n}\n", f"a{n}"] for n in range(350))
    assert told["notes"][0] == "The first 350 rows of owner/tables, split train, revision aaaaaaaaaaaa."
    assert told["notes"][1] == "Columns left out: picture (binary)."


def test_split_config_and_revision_are_chosen(answers: dict[str, Any]) -> None:
    assert sorted(answers["test"]["pairs"]) == sorted([f"{n}\n", f"a{n}"] for n in range(5000, 5020))
    assert sorted(answers["second"]["pairs"]) == [["7\n", "8"], ["9\n", "10"]]
    assert sorted(answers["commit"]["pairs"]) == [["1\n", "2"], ["2\n", "3"]]


def test_chats_and_the_names_of_labels_are_read(answers: dict[str, Any]) -> None:
    expected = [["User: Bye\nAssistant:", " See you"], ["User: Hi\nAssistant:", " Hello"]]
    assert sorted(answers["chats"]["pairs"]) == expected
    assert sorted(answers["labels"]["pairs"]) == [["a\n", "good"], ["b\n", "bad"]]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("no config", "own_file:config is '', but allowed is one of first, second."),
        ("no split", "own_file:split is 'valid', but allowed is one of train, test."),
        ("no column", "column questions: there is no such column, but allowed is one of question, answer, n. Did you"),
        ("binary", "owner--tables.parquet, column picture: it is binary, but allowed is text or numbers."),
        ("no label", "owner--reviews.parquet, row 3, column label: found null, but allowed is a text or a number."),
        ("no revision", "owner/tables has no such revision on the hub."),
        ("pictures", "owner/pictures holds imagefolder data, but allowed is one of parquet, arrow, json, csv, text."),
        ("code", "owner/code cannot be fetched (Dataset scripts are no longer supported, but found code.py)."),
        ("nothing", "owner/nothing holds no data that can be read"),
        ("gated", "owner/gated is gated: its owner wants its terms accepted on huggingface.co. Then log in with"),
        ("unknown", "The hub has no public dataset owner/unknown. Look its name up on huggingface.co."),
    ],
)
def test_what_cannot_be_read_is_one_sentence(answers: dict[str, Any], question: str, told: str) -> None:
    assert told in answers[question]["error"]
    assert "\n" not in answers[question]["error"]


def test_what_was_fetched_is_there_when_the_hub_is_not(home: Path, answers: dict[str, Any]) -> None:
    again = {"some": QUESTIONS["some"], "more": QUESTIONS["some"] | {"rows": 351}}
    for environment in ({}, {"HF_HUB_OFFLINE": "1"}):
        told = ask(home, again, "http://127.0.0.1:9", **environment)
        assert told["some"] == answers["some"]
        reason = "HF_HUB_OFFLINE forbids asking the hub." if environment else "the hub cannot be reached."
        assert told["more"]["error"].startswith(f"owner/tables is not on this machine, and {reason} Offline, a file")
    kept = [file.suffix for file in (home / "home" / "datasets").rglob("*") if file.is_file()]
    assert kept and set(kept) == {".parquet"}, "nothing half written is left"


@pytest.mark.parametrize("path", ["hub:", "hub:name", "hub:a/b/c", "hub:../x", "hub:owner/na me", "hub:/etc/passwd"])
def test_only_an_id_is_taken(path: str) -> None:
    with pytest.raises(SpecError, match="but allowed is hub:owner/name"):
        OwnFile(path=path).notes()


def test_a_file_that_was_damaged_since_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    task = OwnFile(path="hub:owner/tables")
    data = task.hub_data()
    assert data is not None
    data.file.parent.mkdir(parents=True)
    data.file.write_bytes(b"PAR1")
    with pytest.raises(DataError, match="is damaged or no Parquet"):
        task.notes()
