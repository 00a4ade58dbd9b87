"""Quality against what it costs: the front, and what is drawn of it."""

import pytest

from workbench.views import VIEWS
from workbench.views.pareto import Point, on_front

NAMES = ("quality", "quality_time", "quality_memory", "quality_forgetting")


def losses(make_run, name: str, *runs):
    """The rows of a view of runs that have no score, so that quality is the loss."""
    for run in runs:
        run.history.scores.clear()
    return VIEWS[name]().table(runs)


def test_a_point_is_on_the_front_unless_another_is_as_good_in_both_and_better_in_one() -> None:
    points = [Point(1, 3.0), Point(2, 2.0), Point(3, 2.5), Point(2, 2.0), Point(2, 3.0)]
    assert on_front(points, is_higher_better=False) == [True, True, False, True, False]
    assert on_front([Point(1, 0.2), Point(2, 0.1), Point(3, 0.5)], is_higher_better=True) == [True, False, True]
    assert on_front([], is_higher_better=True) == []


def test_quality_is_the_score_where_there_is_one(make_run) -> None:
    (row,) = VIEWS["quality"]().table([make_run(losses=(2.0, 1.0))])
    assert (row["quality"], row["measure"]) == (0.5, "accuracy")


def test_quality_is_the_loss_where_there_is_no_score(make_run) -> None:
    (row,) = losses(make_run, "quality", make_run(losses=(2.0, 1.0)))
    assert row["quality"] == 1.0 and "lower is better" in row["measure"]


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("quality", "trainable", 1024**2),
        ("quality_time", "seconds", 2.0),
        ("quality_memory", "mebibytes", 3.0),
        ("quality_forgetting", "forgetting", 0.25),
    ],
)
def test_the_cost_is_what_was_measured(make_run, name: str, column: str, value: float) -> None:
    (row,) = VIEWS[name]().table([make_run(trainable=1024**2, base_losses=(0.5, 0.75))])
    assert row[column] == value and row["front"] == "yes"


@pytest.mark.parametrize("name", NAMES)
def test_a_run_without_the_cost_has_no_row(make_run, name: str) -> None:
    run = make_run()
    run.history.counts, run.history.seconds, run.history.peak_memory_bytes = {}, 0.0, 0
    run.history.base_losses.clear()
    assert VIEWS[name]().table([run]) == []


def test_the_front_is_a_stepped_line_through_those_that_none_beats(make_run) -> None:
    cheap, best = make_run("prompt", 10, losses=(3.0, 2.0)), make_run("lora", 1000, losses=(3.0, 1.0))
    beaten = make_run("full", 5000, losses=(3.0, 1.5))
    rows = losses(make_run, "quality", beaten, best, cheap)
    assert [row["front"] for row in rows] == ["no", "yes", "yes"]
    figure = VIEWS["quality"]().figure(rows)
    line, *markers = figure.data
    assert (line.name, line.line.shape, list(line.x), list(line.y)) == ("Pareto front", "hv", [10, 1000], [2.0, 1.0])
    assert [trace.marker.symbol for trace in markers] == ["circle-open", "circle", "circle"]


def test_what_costs_nothing_is_a_level_on_a_logarithmic_scale_and_beats_what_is_worse(make_run) -> None:
    none = make_run("none", 0, losses=(1.5,))
    rows = losses(make_run, "quality", none, make_run("prompt", 30, losses=(1.5, 2.0)), make_run("full", 4000))
    assert [row["front"] for row in rows] == ["yes", "no", "yes"]
    figure = VIEWS["quality"]().figure(rows)
    level = next(trace for trace in figure.data if trace.name == "none")
    assert (list(level.x), list(level.y), level.line.dash) == ([10, 10_000], [1.5, 1.5], "dot")
    assert list(figure.layout.xaxis.range) == [1, 4]


def test_nothing_but_levels_is_drawn_where_nothing_trains(make_run) -> None:
    figure = VIEWS["quality"]().figure(losses(make_run, "quality", make_run("none", 0, losses=(1.5,))))
    assert [trace.line.dash for trace in figure.data] == ["dot"]


def test_where_it_is_measured_in_seconds_a_run_that_trains_nothing_is_a_point(make_run) -> None:
    figure = VIEWS["quality_time"]().figure(losses(make_run, "quality_time", make_run("none", 0, losses=(1.5,))))
    assert figure.layout.xaxis.type is None and list(figure.data[0].x) == [1.0]


def test_seeds_are_one_point_with_a_bar(make_run) -> None:
    runs = [
        make_run(f"lora, seed {seed}", losses=(3.0, loss), group="lora", seed=seed)
        for seed, loss in enumerate((1.0, 1.2, 1.4))
    ]
    (row,) = losses(make_run, "quality", *runs)
    assert (row["label"], row["n"], row["quality"]) == ("lora", 3, pytest.approx(1.2))
    assert row["deviation"] == pytest.approx(0.2)
    (point,) = VIEWS["quality"]().figure([row]).data
    assert list(point.error_y.array) == [pytest.approx(0.2)]


def test_runs_of_different_tasks_have_no_front(make_run) -> None:
    runs = [make_run("full", 100, task="describe"), make_run("lora", 10, task="pirate")]
    rows = VIEWS["quality"]().table(runs)
    assert [row["front"] for row in rows] == ["", ""]
    figure = VIEWS["quality"]().figure(rows)
    assert [trace.name for trace in figure.data] == ["full", "lora"]


def test_losses_of_different_models_have_no_front_but_scores_do(make_run) -> None:
    runs = [make_run("full", 100, model="pocket-gpt"), make_run("lora", 10, model="gpt2")]
    assert {row["front"] for row in VIEWS["quality"]().table(runs)} == {"yes", "no"}
    assert {row["front"] for row in losses(make_run, "quality", *runs)} == {""}
