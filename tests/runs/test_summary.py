"""The summary: one flat record of a run, the same for every reader."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.history import History
from workbench.runs.folder import RunFolder
from workbench.runs.summary import summarise, summary
from workbench.spec import Choice, RunSpec

ROOT = Path(__file__).parents[2]
KEYS = (
    "id method knobs state trainable total percent loss metric forgetting "
    "seconds tokens_per_second peak_memory_bytes samples"
)


def test_a_run_is_summed_up_under_the_published_keys(finished: RunFolder) -> None:
    record = summarise(finished)
    assert list(record) == KEYS.split()
    assert record["loss"] == {"train_final": 1.0, "eval_first": 3.0, "eval_final": 1.5}
    assert record["metric"] == {"accuracy": 0.75}
    assert record["forgetting"] == {"before": 1.0, "after": 1.25}
    assert (record["trainable"], record["total"], record["percent"]) == (7, 100, 7.0)
    assert record["tokens_per_second"] == pytest.approx(100.0)
    assert record["samples"] == [{"step": 3, "prompt": "Once", "text": "upon a time", "target": "there was"}]
    assert (record["id"], record["method"], record["state"]) == (finished.id, "lora", "finished")


def test_what_was_not_measured_is_null(queued: RunFolder) -> None:
    record = summarise(queued)
    assert record["state"] == "queued"
    assert record["loss"] == {"train_final": None, "eval_first": None, "eval_final": None}
    assert record["forgetting"] == {"before": None, "after": None}
    assert record["trainable"] is None


def test_a_diverged_loss_is_null_in_json() -> None:
    history = History("a", losses=[(1, float("nan"))], evaluations=[(0, 2.0), (1, float("inf"))])
    record = summary(RunSpec(), history)
    assert record["loss"] == {"train_final": None, "eval_first": 2.0, "eval_final": None}
    json.dumps(record, allow_nan=False)


def test_knobs_are_given_in_their_own_type() -> None:
    assert summary(RunSpec(method=Choice("lora", {"rank": "4"})), History("a"))["knobs"] == {"rank": 4}
    assert summary(RunSpec(method=Choice("unheard_of", {"rank": "4"})), History("a"))["knobs"] == {"rank": "4"}


def test_a_server_can_read_runs_without_torch() -> None:
    code = (
        "import sys, workbench.runs.folder, workbench.runs.journal, workbench.runs.liveness\n"
        "import workbench.runs.summary, workbench.runs.archive, workbench.runs.record\n"
        "from workbench.spec import *\nfrom workbench.history import History\n"
        "workbench.runs.summary.summary(RunSpec(method=Choice('lora', {'rank': '4'})), History('a'))\n"
        "print(sorted({'torch', 'transformers', 'peft', 'datasets', 'safetensors'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
