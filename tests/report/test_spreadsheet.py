"""The CSV: raw numbers, a row a run, and nothing that a spreadsheet runs."""

import csv
import io

from workbench.history import History
from workbench.report import Race, shown
from workbench.report.spreadsheet import spreadsheet
from workbench.spec import Budget, Choice, RunSpec


def read(race: Race, *origins: dict[str, str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(spreadsheet(race, origins))))


def test_it_has_a_row_for_each_run_with_its_raw_numbers(side_by_side) -> None:
    race = side_by_side((1 / 3, {"seed": 4, "method": Choice("lora", {"rank": 8})}), (1.5, {}))
    first, second = read(race, {"run": "a", "race": "r"}, {"run": "b", "race": "s"})
    assert list(first)[:2] == ["run", "race"] and (first["run"], second["race"]) == ("a", "s")
    assert float(first["held_out_loss"]) == 1 / 3 and second["held_out_loss"] == "1.5"
    expected = {
        "method": "lora:rank=8", "task": "describe", "model": "pocket-gpt", "seed": "4", "state": "finished",
        "steps": "2", "batch_size": "8", "examples": "all", "learning_rate": "0.004", "first_held_out_loss": "2.5",
        "score_name": "slot_accuracy", "score": "0.875", "forgetting": "-0.125", "seconds": "1.5",
        "peak_memory_bytes": "3145728", "trainable_parameters": "123", "total_parameters": "5000",
        "tokens_per_second": "640.0", "device": "cpu", "precision": "float32",
    }  # fmt: skip
    assert {name: first[name] for name in expected} == expected


def test_a_loss_stands_beside_its_unit(side_by_side) -> None:
    head = {"task": Choice("feelings"), "objective": Choice("classification")}
    rows = read(side_by_side((1.0, {"task": Choice("feelings")}), (1.0, head)), {"run": "a"}, {"run": "b"})
    assert [row["loss_unit"] for row in rows] == ["nats per token", "nats per answer"]


def test_every_metric_has_a_column_that_is_empty_where_a_run_has_none(side_by_side) -> None:
    race = side_by_side((0.0, {}), (1.5, {"seed": 1}))
    race.runs[1].history.scores[-1] = (2, {"slot_accuracy": 0.875, "sacrebleu": 31.25, "mcc": -0.5})
    first, second = read(race, {"run": "a"}, {"run": "b"})
    assert first["metric_perplexity"] == "1.0" and first["metric_sacrebleu"] == first["metric_mcc"] == ""
    assert (second["metric_sacrebleu"], second["metric_mcc"]) == ("31.25", "-0.5")
    assert "metric_slot_accuracy" not in first and second["score"] == "0.875"


def test_what_was_not_measured_is_empty() -> None:
    specs = [RunSpec(budget=Budget(steps=2))]
    (row,) = read(Race(tuple(specs), tuple(shown(specs, [History("a")]))), {"run": "a"})
    assert [row[name] for name in ("held_out_loss", "score", "forgetting", "peak_memory_bytes")] == [""] * 4
    assert spreadsheet(Race((), ()), ()).strip() == ""


def test_a_text_that_starts_like_a_formula_gets_an_apostrophe(side_by_side) -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\x1b[31m=1", "plain", '=cmd|"/c calc"!A0, "']
    race = side_by_side(*[(1.0, {"seed": seed}) for seed in range(len(names))])
    rows = read(race, *[{"name": name} for name in names])
    assert [row["name"] for row in rows] == [
        "'=1+1", "'+1", "'-1", "'@SUM(A1)", "' =1", "'\t=1", "'=1", "plain", "'=cmd|\"/c calc\"!A0, \"",
    ]  # fmt: skip
    assert all(row["forgetting"] == "-0.125" for row in rows)  # a number below 0 stays one
