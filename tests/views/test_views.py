"""Every view: first rows that hold what was measured, then a figure that shows the rows."""

import json
import math

import pytest

from workbench.events import Stepped
from workbench.history import History, fold
from workbench.views import VIEWS
from workbench.views.colour import styles
from workbench.views.contract import MOST_POINTS, ShownRun, thinned

PICTURES = [name for name in VIEWS if name not in ("results", "samples")]


def rows(name: str, *runs: ShownRun) -> list:
    return VIEWS[name]().table(runs)


@pytest.mark.parametrize("name", list(VIEWS))
def test_every_view_says_what_it_shows(name: str) -> None:
    view = VIEWS[name]
    assert view.title and view.explains.endswith(".")


@pytest.mark.parametrize("name", list(VIEWS))
def test_a_run_that_measured_nothing_is_no_trouble(name: str) -> None:
    empty = ShownRun("lora", "lora", styles([0])[0], History("a"))
    view = VIEWS[name]()
    assert json.loads(view.figure(view.table([empty])).to_json())
    assert json.loads(view.figure(view.table([])).to_json())


@pytest.mark.parametrize("name", list(VIEWS))
def test_labels_are_shown_as_they_are_and_not_as_markup(name: str, make_run) -> None:
    view = VIEWS[name]()
    drawn = view.figure(view.table([make_run("<b>bold</b>", 10), make_run("none", 0, losses=(2.0,))])).to_json()
    assert "<b>bold" not in drawn.replace("\\u003c", "<")


@pytest.mark.parametrize("name", [name for name in PICTURES if name != "sweep"])  # one run is no sweep
def test_a_run_has_its_colour_in_every_picture(name: str, make_run) -> None:
    run = make_run("lora", place=3)
    view = VIEWS[name]()
    assert run.style.colour in view.figure(view.table([run])).to_json()


def test_curves_hold_training_and_evaluation_losses(make_run) -> None:
    training, evaluation = rows("curves", make_run(losses=(3.0, 2.0, 1.0), base_losses=(0, 0, 0), steps=10))
    assert (training["kind"], training["steps"], training["losses"]) == ("training", [5, 10], [2.1, 1.1])
    assert (evaluation["kind"], evaluation["steps"], evaluation["losses"]) == (
        "evaluation",
        [0, 5, 10],
        [3.0, 2.0, 1.0],
    )


def test_a_run_that_trains_nothing_is_a_level_as_long_as_the_others(make_run) -> None:
    view = VIEWS["curves"]()
    figure = view.figure(view.table([make_run("none", 0, losses=(2.0,)), make_run("lora", steps=40)]))
    assert list(figure.data[0].x) == [0, 40] and list(figure.data[0].y) == [2.0, 2.0]


def test_seeds_are_one_curve_in_a_band_from_the_lowest_to_the_highest(make_run) -> None:
    low = make_run("lora, seed 0", losses=(3.0, 1.0), group="lora", seed=0)
    high = make_run("lora, seed 1", losses=(4.0, 1.5), group="lora", seed=1)
    view = VIEWS["curves"]()
    training, evaluation = view.table([low, high])
    assert (evaluation["label"], evaluation["n"], evaluation["steps"]) == ("lora", 2, [0, 10])
    assert (evaluation["losses"], evaluation["lows"], evaluation["highs"]) == ([3.5, 1.25], [3.0, 1.0], [4.0, 1.5])
    assert training["losses"] == [pytest.approx(1.35)]
    figure = view.figure([training, evaluation])
    lowest, highest, mean = figure.data[1:]
    assert (list(lowest.y), list(highest.y), list(mean.y)) == ([3.0, 1.0], [4.0, 1.5], [3.5, 1.25])
    assert highest.fill == "tonexty" and mean.name == "lora (mean of 2 seeds)"


def test_a_run_alone_has_no_band(make_run) -> None:
    view = VIEWS["curves"]()
    figure = view.figure(view.table([make_run("lora", group="lora")]))
    assert len(figure.data) == 2 and all(trace.fill is None for trace in figure.data)


def test_counts_have_one_row_for_all_seeds(make_run) -> None:
    runs = [make_run(f"lora, seed {seed}", 10, group="lora", seed=seed) for seed in range(3)]
    assert [(row["label"], row["trainable"]) for row in rows("counts", *runs)] == [("lora", 10)]


def test_a_curve_has_at_most_500_points_and_keeps_its_ends() -> None:
    points = thinned((step, step / 7) for step in range(12_345))
    assert len(points) == MOST_POINTS == 500
    assert points[0] == (0, 0.0) and points[-1] == (12_344, 12_344 / 7)
    assert len(set(points)) == 500


def test_a_loss_that_is_not_a_number_is_not_drawn() -> None:
    history = fold([Stepped("a", 0, 1, loss=1.5), Stepped("a", 1, 2, loss=math.nan)])
    (row,) = rows("curves", ShownRun("lora", "lora", styles([0])[0], history))
    assert row["losses"] == [1.5]


def test_counts_name_a_run_that_trains_nothing_in_words(make_run) -> None:
    view = VIEWS["counts"]()
    table = view.table([make_run("none", 0, losses=(2.0,)), make_run("lora", 1234)])
    assert [row["trainable"] for row in table] == [0, 1234]
    figure = view.figure(table)
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.annotations[0].text == "0: nothing moves"


def test_forgetting_is_the_change_on_the_bases_own_domain(make_run) -> None:
    (row,) = rows("forgetting", make_run(base_losses=(0.5, 0.75)))
    assert (row["before"], row["after"], row["change"]) == (0.5, 0.75, 0.25)


def test_memory_is_the_measured_peak(make_run) -> None:
    (row,) = rows("memory", make_run(trainable=1024**2))
    assert (row["bytes"], row["mebibytes"]) == (3 * 1024**2, 3.0)


def test_movement_leaves_out_what_did_not_move(make_run) -> None:
    (row,) = rows("movement", make_run(losses=(2.0, 1.0)))
    assert (row["parts"], row["distances"]) == (["block 0"], [0.25])


def test_samples_put_the_base_beside_every_run(make_run) -> None:
    (row,) = rows("samples", make_run("scratch"), make_run("lora"), make_run("full"))
    assert row["base"] == "text at 0"
    assert row["answers"] == {"scratch": "text at 10", "lora": "text at 10", "full": "text at 10"}


def test_samples_leave_the_base_out_where_no_run_starts_as_the_base(make_run) -> None:
    (row,) = rows("samples", make_run("scratch"))
    assert row["base"] is None


def test_samples_are_matched_by_their_prompts(make_run) -> None:
    rows_by_prompt = rows("samples", make_run("lora", 10), make_run("full", 20))
    assert [(row["prompt"], list(row["answers"])) for row in rows_by_prompt] == [
        ("say 10", ["lora"]),
        ("say 20", ["full"]),
    ]


def test_samples_of_different_tasks_are_not_put_side_by_side(make_run) -> None:
    assert rows("samples", make_run("lora", task="describe"), make_run("full", task="pirate")) == []


def test_samples_have_no_base_where_the_runs_have_several(make_run) -> None:
    (row,) = rows("samples", make_run("lora", model="pocket-gpt"), make_run("full", model="gpt2"))
    assert row["base"] is None and row["answers"]


def test_results_hold_what_each_run_came_to(make_run) -> None:
    (row,) = rows("results", make_run("lora", 10, losses=(3.0, 1.0), base_losses=(0.5, 0.75)))
    assert (row["state"], row["trainable"], row["loss_first"], row["loss"]) == ("finished", 10, 3.0, 1.0)
    assert (row["metric"], row["change"], row["tokens_per_second"]) == (0.5, 0.25, 50.0)
