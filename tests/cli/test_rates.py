"""`workbench rates` finds learning rates."""

import json
import math

import pytest

from workbench.tasks import TASKS


def test_rates_are_told_in_a_table_and_as_json(call, tiny_model, own_file) -> None:
    words = ["rates", "--model", tiny_model, "--task", f"own_file:path={own_file}", "-m", "full,lora:rank=2"]
    table = call(*words)
    assert table.exit_code == 0 and max(len(line) for line in table.stdout.splitlines()) <= 80
    assert "lora rank=2" in table.stdout and "own rate" in table.stdout
    full, lora = json.loads(call(*words, "--json").stdout)
    assert full["label"] == "full" and len(full["rates"]) == len(full["losses"]) and lora["halfway"] > 0


def test_a_rate_is_found_for_a_head_too(call) -> None:
    words = ["rates", "-m", "feature_based", "--model", "pocket-gpt-nano", "--objective", "classification"]
    (curve,) = json.loads(call(*words, "--task", "feelings", "--json").stdout)
    assert curve["losses"][0] == pytest.approx(math.log(len(TASKS["feelings"]().labels())), rel=0.3)
    assert "chooses among a few labels" in " ".join(call(*words, "--task", "describe").stderr.split())


def test_a_method_that_trains_nothing_gets_a_sentence(call) -> None:
    result = call("rates", "-m", "none", "--model", "pocket-gpt-nano")
    assert result.exit_code == 2 and "one that trains" in result.stderr
