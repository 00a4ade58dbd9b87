"""Data that nobody here wrote go from upload to report: described meanings, reckoned answers, choices in many tongues.

No browser is asked; these tests stand here to use the one server that has a warm trainer.
"""

import csv
import io
import json
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from workbench.views.text import readable

REAL = Path(__file__).parents[3] / "shared" / "real"
TINY = {"steps": 2, "examples": 8, "batch_size": 2, "evaluation_examples": 4, "metric_examples": 2, "max_length": 96}
CHOICE = {"prompt_column": "premise+question+choice1+choice2", "target_column": "label"}
SETS = [
    ("e2e/devset.csv", {"prompt_column": "mr", "target_column": "ref"}),
    ("gsm8k/test.jsonl", {"prompt_column": "question", "target_column": "answer"}),
    *((f"xcopa/data/{language}/test.{language}.jsonl", CHOICE) for language in ("th", "zh", "ta", "vi")),
]
LARGE = 80_000_000  # bytes


def raced(server: Any, name: str, data: bytes, knobs: dict[str, str]) -> tuple[list[dict[str, str]], str]:
    """Send a file, hold a race on it and take the report; returns what the tuned run wrote, and the report."""
    sent = server.ask(f"/api/files?name={quote(name)}", data)
    assert set("+".join(knobs.values()).split("+")) <= set(sent["columns"]), "a person can pick them"
    look = {"task": {"name": "own_file", "knobs": {"path": sent["path"], **knobs}}}
    assert len(server.ask("/api/look", look)["records"]) == 3
    race = server.race(("none", "lora"), look["task"], **TINY)
    with urlopen(f"{server.address}/api/races/{race}/report") as answer:
        report = answer.read().decode()
    journals = [server.journal(run["run"]) for run in server.runs(race)]
    for journal in journals:
        assert journal[-1]["event"] == "finished"
        scores = [event["scores"] for event in journal if event["event"] == "evaluated"][-1]
        assert set(scores) > {"similarity", "exact_match"}, "other metrics stand beside the task's own scores"
        assert f"<td>{scores['similarity']:.3f}</td>" in report
    return [event["samples"] for event in journals[1] if event["event"] == "sampled"][-1], report


def rows_of(name: str, data: bytes) -> list[dict[str, Any]]:
    """The rows as Python's own readers have them."""
    text = data.decode()
    return list(csv.DictReader(io.StringIO(text))) if name.endswith("csv") else [*map(json.loads, text.splitlines())]


@pytest.mark.skipif(not REAL.is_dir(), reason=f"the real material is not at {REAL}")
@pytest.mark.parametrize(("name", "knobs"), SETS, ids=[name.split("/")[-1] for name, _ in SETS])
def test_real_data_go_from_upload_to_report(server: Any, name: str, knobs: dict[str, str]) -> None:
    data = (REAL / name).read_bytes()
    samples, report = raced(server, Path(name).name, data, knobs)
    parts, target = knobs["prompt_column"].split("+"), knobs["target_column"]
    known = {
        ("".join(f"{part}: {row[part].strip()}\n" if len(parts) > 1 else f"{row[part].strip()}\n" for part in parts),
         str(row[target]).strip())
        for row in rows_of(name, data)
    }  # fmt: skip
    assert samples
    for sample in samples:
        assert (sample["prompt"], sample["target"]) in known, "letter by letter as in the file"
        for text in (sample["prompt"], sample["target"]):
            assert escape(readable(text.strip())) in report
    assert f"<dd>{Path(name).name}</dd>" in report


def test_80_megabytes_go_from_upload_to_report(server: Any) -> None:
    row = f'"item {{}}, {"long " * 40}","{"word " * 40}"\n'
    rows = (row.format(10**6 + number) for number in range(LARGE // len(row.format(10**6))))
    data = "".join(["prompt,target\n", *rows]).encode()
    samples, report = raced(server, "large.csv", data, {"prompt_column": "prompt", "target_column": "target"})
    assert all(sample["prompt"].startswith("item 1") for sample in samples)
    assert "<dd>large.csv</dd>" in report
