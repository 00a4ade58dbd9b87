"""The report and the names of runs that come from several races."""

import re

from workbench.report import render
from workbench.report.differences import differences, flat, is_one_race
from workbench.report.race import command, group_labels, labels
from workbench.spec import Budget, Choice, RunSpec

PIRATE = {"task": Choice("pirate")}


def text_of(page: str) -> str:
    """What a reader sees, tags and scripts left out."""
    return re.sub(r"<[^>]+>", " ", re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL))


def test_seeds_of_one_set_up_share_a_group_and_a_look(side_by_side) -> None:
    race = side_by_side((1.0, {"seed": 1}), (1.2, {"seed": 2}), (1.1, {"seed": 1, "method": Choice("full")}))
    assert [(run.label, run.group, run.seed) for run in race.runs] == [
        ("lora, seed 1", "lora", 1),
        ("lora, seed 2", "lora", 2),
        ("full, seed 1", "full", 1),
    ]
    assert race.runs[0].style == race.runs[1].style != race.runs[2].style


def test_a_seed_that_is_there_twice_is_no_second_seed() -> None:
    assert group_labels([RunSpec(seed=1), RunSpec(seed=1), RunSpec(seed=2)]) == ["lora", "lora (2)", "lora"]
    assert labels([RunSpec(seed=1), RunSpec(seed=1), RunSpec(seed=2)]) == [
        "lora, seed 1",
        "lora (2), seed 1",
        "lora, seed 2",
    ]


def test_runs_are_called_by_what_tells_them_apart() -> None:
    specs = [RunSpec(), RunSpec(task=Choice("pirate")), RunSpec(budget=Budget(steps=9))]
    assert labels(specs) == ["lora, describe, 150 steps", "lora, pirate, 150 steps", "lora, describe, 9 steps"]
    assert labels([RunSpec(), RunSpec(model="/models/mine")]) == ["lora, pocket-gpt", "lora, mine"]


def test_a_difference_that_no_label_names_still_makes_two_groups() -> None:
    assert group_labels([RunSpec(), RunSpec(budget=Budget(clip=0.5))]) == ["lora", "lora (2)"]


def test_only_what_differs_is_told() -> None:
    specs = [RunSpec(method=Choice("lora", {"rank": 4})), RunSpec(seed=3, budget=Budget(steps=9))]
    assert differences(specs) == (["method rank", "steps", "seed"], [["4", "150", "0"], ["", "9", "3"]])
    assert differences([RunSpec(), RunSpec()]) == ([], [[], []])
    assert flat(RunSpec())["budget.steps"] == "150"


def test_runs_are_of_one_race_where_only_the_method_differs() -> None:
    assert is_one_race([RunSpec(), RunSpec(method=Choice("full", {"x": 1}))])
    assert not is_one_race([RunSpec(), RunSpec(seed=1)])
    assert not is_one_race([RunSpec(), RunSpec(task=Choice("pirate"))])


def test_the_report_of_seeds_has_their_means(side_by_side) -> None:
    page = render(side_by_side((1.0, {"seed": 0}), (1.2, {"seed": 1}), (1.4, {"seed": 2})))
    text = text_of(page)
    assert "1 way of tuning pocket-gpt on describe, 3 seeds" in text
    assert '<section id="seeds">' in page and "1.200 ± 0.200" in text
    assert "on the same batches" not in text and "Every run saw the same batches" not in text
    assert '<section id="differences">' in page


def test_the_report_of_one_race_speaks_of_no_seeds_and_no_differences(side_by_side) -> None:
    page = render(side_by_side((1.0, {}), (1.2, {"method": Choice("full")})))
    assert 'id="seeds"' not in page and 'id="differences"' not in page
    assert "2 steps each, on the same batches" in text_of(page)


def test_the_report_of_two_tasks_holds_nothing_against_another(side_by_side) -> None:
    page = render(side_by_side((1.0, {}), (0.5, {**PIRATE, "budget": Budget(steps=9)})))
    text = text_of(page)
    assert "2 runs side by side" in text and "2 to 9 steps each" in text
    assert "different tasks (describe, pirate)" in text and "lowest held-out loss" not in text
    assert 'id="samples"' not in page
    assert "1.000" in text and "0.500" in text


def test_the_commands_repeat_each_race() -> None:
    specs = [RunSpec(seed=1), RunSpec(seed=2), RunSpec(seed=1, method=Choice("full"))]
    assert command(specs).splitlines() == [
        "workbench race --model pocket-gpt --task describe -m lora -m full --seed 1",
        "workbench race --model pocket-gpt --task describe -m lora --seed 2",
    ]
