"""What can be picked, as plain data: everything there is, with what a form needs, and what a pick would take."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.errors import SpecError
from workbench.knobs import knobs
from workbench.menu.counts import counted, pieces
from workbench.menu.estimate import TYPICAL_TOKENS, estimated
from workbench.menu.matrix import matrix
from workbench.menu.parts import knob_rows, menu, method_row, model_row, model_rows, objective_row, task_row
from workbench.methods import METHODS
from workbench.models.catalog import CATALOG, find_card
from workbench.objectives import OBJECTIVES
from workbench.spec import Budget, Choice, RunSpec
from workbench.tasks import TASKS


def test_everything_that_is_registered_is_on_the_menu_and_is_plain_data() -> None:
    whole = menu()
    assert json.loads(json.dumps(whole)) == json.loads(json.dumps(whole, allow_nan=False))
    assert [row["name"] for row in whole["models"]] == list(CATALOG)
    assert [row["name"] for row in whole["tasks"]] == list(TASKS)
    assert [row["name"] for row in whole["methods"]] == list(METHODS)
    assert [row["name"] for row in whole["objectives"]] == list(OBJECTIVES)
    assert [row["name"] for row in whole["budget"]] == list(knobs(Budget))


@pytest.mark.parametrize("name", list(METHODS))
def test_a_method_has_the_texts_and_knobs_of_a_form(name: str) -> None:
    row = method_row(name)
    assert all(row[fact] for fact in ("title", "plain", "idea", "formula"))
    for knob in row["knobs"]:
        assert knob["help"] and knob["allowed"] and knob["type"] in ("int", "float", "str", "bool")
        assert not knob["choices"] or knob["several"] or knob["default"] in knob["choices"]
    defaults = {knob["name"]: knob["default"] for knob in row["knobs"]}
    assert METHODS[name](**defaults) == METHODS[name]()


@pytest.mark.parametrize("name", list(TASKS))
def test_a_task_has_the_texts_of_a_form(name: str) -> None:
    row = task_row(name)
    assert row["title"] and row["plain"] and row["idea"]


def test_tasks_without_labels_and_methods_without_training_say_why_a_head_is_none_for_them() -> None:
    assert task_row("feelings")["misfit_of_head"] == task_row("own_file")["misfit_of_head"] == ""
    assert "chooses among a few labels" in task_row("describe")["misfit_of_head"]
    words, head = (objective_row(name) for name in ("language_modelling", "classification"))
    assert not words["misfit_untrained"] and "random until it is trained" in head["misfit_untrained"]
    assert all(row[fact] for row in (words, head) for fact in ("title", "plain", "idea", "formula", "paper"))


def test_a_head_is_in_the_estimate_and_a_probe_is_nothing_else() -> None:
    specs = [
        RunSpec("pocket-gpt", Choice("feelings"), Choice(name), Choice("classification"))
        for name in ("feature_based", "lora")
    ]
    probe, lora = estimated(specs)
    words = estimated([replace(specs[1], objective=Choice("language_modelling"))])[0]
    assert probe["trainable"] == 5 * 192 + 5 == lora["trainable"] - words["trainable"]
    assert [piece["name"] for piece in probe["pieces"] if piece["state"] != "frozen"] == [
        "classification_head.weight",
        "classification_head.bias",
    ]


def test_the_models_that_come_with_the_project_are_first_and_have_their_shape() -> None:
    rows = model_rows()
    bundled = [row["bundled"] for row in rows]
    assert bundled == sorted(bundled, reverse=True)
    card = find_card("pocket-gpt")
    row = model_row("pocket-gpt")
    assert (row["family"], row["parameters"], row["depth"]) == (card.family, card.parameters, card.depth)


def test_a_knob_tells_its_limits() -> None:
    (steps,) = (row for row in knob_rows(Budget) if row["name"] == "steps")
    assert (steps["type"], steps["default"], steps["low"], steps["high"]) == ("int", 150, 1, 1_000_000)
    assert steps["allowed"] == "a whole number 1 or more and 1,000,000 or less"


SERVED = [("pocket-gpt", name) for name in METHODS]
SERVED += [("gpt2", name) for name, reasons in matrix().items() if not reasons["GPT-2"]]


@pytest.mark.parametrize(("model", "method"), SERVED)
def test_the_counts_are_those_of_the_pieces(model: str, method: str) -> None:
    card = find_card(model)
    row, parts = counted(card, Choice(method), 8, 64), pieces(card, Choice(method))
    moving = sum(part["count"] for part in parts if part["state"] in ("trained", "added"))
    assert sum(part["count"] for part in parts) >= row["trainable"] >= 0
    assert moving >= row["trainable"] or any(part["state"] == "reparameterised" for part in parts)
    assert row["percent"] == pytest.approx(100 * row["trainable"] / row["total"])
    memory = row["memory_bytes"]
    held = memory["weights"] + memory["optimizer"]
    assert max(memory["activations"], memory["gradients"]) <= memory["total"] - held  # the most at one moment


def test_lora_on_gpt2_is_counted_by_hand() -> None:
    # rank 4 on the joint query-key-value projection (768 -> 2304) of 12 blocks: A (4, 768) and B (2304, 4) each
    card = find_card("gpt2")
    row = counted(card, Choice("lora", {"rank": 4, "targets": "query+value"}), 1, 8)
    assert row["trainable"] in (12 * 4 * (768 + 2304), 12 * 2 * 4 * (768 + 768))
    assert row["knobs"] == {"rank": 4, "targets": "query+value"}


def test_an_estimate_tells_what_its_numbers_do_not() -> None:
    method = Choice("prefix", {"reparameterize": False})
    told = [row["notes"] for row in estimated([RunSpec(method=Choice("prefix")), RunSpec(method=method)])]
    assert told == [("The network is dropped after training; its output is kept.",), ()]


def test_an_estimate_has_a_row_for_each_run_whatever_is_wrong_with_another() -> None:
    specs = [RunSpec(method=Choice(name)) for name in ("none", "lora", "lorra")] + [RunSpec("no-model")]
    none, lora, wrong, missing = estimated(specs)
    assert none["learning_rate"] == 0.0 and none["trainable"] == 0
    assert lora["learning_rate"] > 0 and lora["pieces"] and lora["depth"] == find_card("pocket-gpt").depth
    assert "lorra" in wrong["error"] and "Did you mean lora?" in wrong["hint"]
    assert missing["error"] and set(missing) == {"error", "hint"}


def test_a_batch_in_parts_and_short_examples_need_less_memory() -> None:
    def total(**budget: int) -> int:
        (row,) = estimated([RunSpec(budget=Budget(**budget))])
        return row["memory_bytes"]["total"]

    whole = total(batch_size=8)
    assert total(batch_size=8, accumulation=4) == total(batch_size=2) < whole
    assert total(batch_size=8, max_length=16) < whole == total(batch_size=8, max_length=TYPICAL_TOKENS)


def test_an_unknown_task_and_a_wrong_knob_of_one_are_told() -> None:
    wrong, knob = estimated([RunSpec(task=Choice("describ")), RunSpec(task=Choice("pirate", {"speed": 3}))])
    assert "describ" in wrong["error"]
    assert "speed" in knob["error"]


def test_tasks_show_their_first_examples() -> None:
    rows = {row["name"]: row["rows"] for row in menu()["tasks"]}
    assert rows["own_file"] == []
    assert all(
        len(shown) == 3 and all(row["target"] for row in shown) for name, shown in rows.items() if name != "own_file"
    )
    assert rows["describe"][0]["prompt"] == TASKS["describe"]().records("train", 0, 0)[0].prompt


def test_models_say_whether_they_are_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("workbench.menu.parts.cached_folder", {"openai-community/gpt2": tmp_path}.get)
    here = {row["name"] for row in model_rows() if row["is_here"]}
    assert here == {name for name, entry in CATALOG.items() if entry.is_bundled} | {"gpt2"}


def test_a_part_that_is_not_there_is_refused() -> None:
    for row in (method_row, task_row):
        with pytest.raises(SpecError):
            row("nothing")
