"""Sweeps: runs of a method that differ in one number are a line against it."""

from dataclasses import replace

import pytest

from workbench.views.sweep import Sweep

VIEW = Sweep()


def swept(make_run, losses: dict[float, float], setting: str = "rank", method: str = "lora", **more):
    return [
        make_run(f"{method}:{value:g}", losses=(3.0, loss), settings={setting: value, "alpha": 16.0}, **more)
        for value, loss in losses.items()
    ]


def test_runs_that_differ_in_one_number_are_a_line_in_its_order(make_run) -> None:
    rows = VIEW.table(swept(make_run, {8.0: 1.0, 2.0: 3.0}))
    assert [(row["method"], row["setting"], row["value"], row["quality"]) for row in rows] == [
        ("lora", "rank", 2.0, 0.25),
        ("lora", "rank", 8.0, 0.5),
    ]
    (line,) = VIEW.figure(rows).data
    assert list(line.x) == [2.0, 8.0] and list(line.y) == [0.25, 0.5]


def test_seeds_are_one_point_with_a_bar(make_run) -> None:
    runs = [
        replace(run, group=run.label)
        for seed in (0, 1)
        for run in swept(make_run, {2.0: 3.0, 4.0: 1.0 + seed}, seed=seed)
    ]
    first, second = VIEW.table(runs)
    assert (first["n"], first["deviation"]) == (2, 0.0)
    assert second["quality"] == pytest.approx((1 / 2 + 1 / 3) / 2) and second["deviation"] > 0


def test_methods_and_their_settings_are_lines_of_their_own(make_run) -> None:
    runs = swept(make_run, {2.0: 2.0, 4.0: 1.0}) + swept(make_run, {4.0: 2.0, 64.0: 1.0}, "width", "adapter")
    figure = VIEW.figure(VIEW.table([*runs, make_run("full", settings={"learning rate": 0.001})]))
    assert [trace.name for trace in figure.data] == ["lora", "adapter"]
    assert figure.layout.xaxis.title.text == "rank or width"
    assert figure.layout.xaxis.type == "log"


@pytest.mark.parametrize(
    "settings",
    [
        [{"rank": 2.0, "alpha": 4.0}, {"rank": 4.0, "alpha": 8.0}],  # two numbers change: which one did it?
        [{"rank": 2.0}, {"rank": 2.0}],
        [{"rank": 2.0}, {"rank": 4.0}, {"rank": 4.0}],  # something else tells the last two apart
    ],
)
def test_what_does_not_differ_in_one_number_alone_is_no_sweep(make_run, settings) -> None:
    runs = [make_run(f"lora:{place}", settings=values) for place, values in enumerate(settings)]
    assert VIEW.table(runs) == []


def test_runs_of_different_tasks_are_no_sweep(make_run) -> None:
    (first,), (second,) = swept(make_run, {2.0: 1.0}, task="a"), swept(make_run, {4.0: 1.0}, task="b")
    assert VIEW.table([first, second]) == []
