"""What can be picked is listed from the parts themselves."""

import json

import pytest

from workbench.methods import METHODS
from workbench.metrics import METRICS
from workbench.models.catalog import CATALOG
from workbench.tasks import TASKS


@pytest.mark.parametrize(("noun", "parts"), [("models", CATALOG), ("tasks", TASKS), ("methods", METHODS)])
def test_json_lists_every_part_by_name(call, noun: str, parts) -> None:
    result = call(noun, "--json")
    assert result.exit_code == 0
    assert [row["name"] for row in json.loads(result.stdout)] == list(parts)


@pytest.mark.parametrize("noun", ["models", "tasks", "methods"])
def test_tables_fit_80_columns_and_cut_no_name(call, noun: str) -> None:
    result = call(noun)
    assert result.exit_code == 0
    assert max(len(line) for line in result.stdout.splitlines()) <= 80
    names = {"models": CATALOG, "tasks": TASKS, "methods": METHODS}[noun]
    assert [name for name in names if name not in result.stdout] == []


def test_a_method_is_shown_in_full(call) -> None:
    result = call("methods", "lora")
    for text in (METHODS["lora"].formula, "arXiv:2106.09685", "rank", "targets"):
        assert text in result.stdout


def test_a_methods_knobs_are_told_with_what_they_allow(call) -> None:
    (rank,) = [knob for knob in json.loads(call("methods", "lora", "--json").stdout)["knobs"] if knob["name"] == "rank"]
    assert (rank["type"], rank["default"], rank["low"]) == ("int", 8, 1)
    assert rank["help"] and rank["allowed"].startswith("a whole number")


def test_metrics_are_listed_with_their_definitions_and_tasks(call) -> None:
    rows = json.loads(call("metrics", "--json").stdout)
    assert [row["name"] for row in rows] == list(METRICS)
    bleu = json.loads(call("metrics", "sacrebleu", "--json").stdout)
    assert "tok:13a" in bleu["definition"] and bleu["range"] == "0 to 100"
    assert bleu["tasks"] == "pirate, describe, rewrite, own_file"
    assert "Matthews" in call("metrics").stdout and "higher is better" in call("metrics", "mcc").stdout
    assert "macro_f1, mcc" in call("tasks", "feelings").stdout


def test_a_bundled_model_that_is_missing_does_not_hide_the_others(call, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("workbench.models.catalog.assets", lambda: tmp_path)
    rows = {row["name"]: row for row in json.loads(call("models", "--json").stdout)}
    assert rows["pocket-gpt"]["parameters"] is None and "pocket-gpt" in rows["pocket-gpt"]["problem"]
    assert rows["gpt2"]["parameters"] == 124_439_808


def test_a_local_folder_is_described(call, tiny_model) -> None:
    row = json.loads(call("models", tiny_model, "--json").stdout)
    assert (row["family"], row["depth"], row["vocabulary"]) == ("llama", 2, 40)
