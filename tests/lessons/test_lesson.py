"""What a lesson's cells call: races in the kernel, tables, and the package's parts to compare with."""

import pytest
import torch

from workbench.errors import SpecError
from workbench.lessons import lesson

SMALL = {"steps": 3, "batch_size": 2, "evaluation_examples": 4, "metric_examples": 2}


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def runs(told):
    return lesson.race("pocket-gpt-nano", "describe", ["none", "lora:rank=2"], seeds=(0, 1), tell=told.append, **SMALL)


def test_a_race_gives_a_run_for_each_method_and_seed(runs):
    assert [(run.method, run.seed) for run in runs] == [("none", 0), ("lora", 0), ("none", 1), ("lora", 1)]
    assert {run.history.state for run in runs} == {"finished"}
    assert [len(run.history.losses) for run in runs] == [0, 3, 0, 3]


def test_it_tells_how_each_run_ended(runs, told):
    assert len(told) == 4
    assert any(sentence.startswith("lora:rank=2, seed 1: held-out loss") for sentence in told)


def test_a_race_in_a_lesson_is_the_package_race(runs):
    from workbench.history import fold
    from workbench.spec import Budget, RunSpec, parse_choice
    from workbench.training.race import train

    spec = RunSpec("pocket-gpt-nano", method=parse_choice("lora:rank=2"), budget=Budget(**SMALL), seed=1)
    assert runs[3].history.losses == fold(train(spec)).losses


def test_runs_that_are_there_already_are_shown_together_with_those_of_a_race(runs):
    from types import SimpleNamespace

    from workbench.spec import Budget, RunSpec, parse_choice

    spec = RunSpec("pocket-gpt-nano", method=parse_choice("none"), budget=Budget(**SMALL), seed=0)
    there = SimpleNamespace(spec=spec, history=runs[0].history)
    both = lesson.race("pocket-gpt-nano", "describe", ["none"], seeds=(1,), tell=None, beside=[there], **SMALL)
    assert [run.label for run in both] == ["none, seed 0", "none, seed 1"]
    assert len(lesson.losses(both)["none"]) == 2


def test_losses_are_by_group_and_seed(runs):
    losses = lesson.losses(runs)
    assert list(losses) == ["none", "lora:rank=2"]
    assert losses["none"][0] == losses["none"][1]
    assert len(set(losses["lora:rank=2"])) == 2


def test_a_table_shows_means_and_spread_in_text_and_markdown(runs):
    table = lesson.table(runs)
    assert [row[0] for row in table.rows] == ["none", "lora:rank=2"]
    assert "±" in table.rows[1][2]
    assert repr(table).count("\n") == 2
    assert table._repr_markdown_().splitlines()[1] == "| --- | --- | --- | --- | --- | --- |"


@pytest.mark.parametrize("view", ["curves", "memory", "samples"])
def test_a_figure_is_that_of_the_view(runs, view):
    assert lesson.figure(view, runs).data


def test_a_failed_run_says_so():
    told = []
    runs = lesson.race("pocket-gpt-nano", "describe", ["full"], tell=told.append, **SMALL, learning_rate=10.0, clip=0.0)
    assert runs[0].history.state in {"finished", "failed"}
    assert len(told) == 1


def test_tuning_leaves_the_base_as_it_is():
    base = lesson.load_base("pocket-gpt-nano")
    ids = torch.tensor([[5, 6, 7]])
    before = base.model(ids).logits
    tuned = lesson.tune(base, "lora:rank=2")
    assert sum(parameter.numel() for parameter in tuned.movable.values()) == lesson.anatomy(
        "pocket-gpt-nano", "lora:rank=2"
    ).trainable  # fmt: skip
    assert torch.equal(base.model(ids).logits, before)


def test_a_misspelt_name_is_one_sentence():
    with pytest.raises(SpecError, match="Did you mean lora"):
        lesson.race("pocket-gpt-nano", "describe", ["lore"])
    with pytest.raises(SpecError, match="steps"):
        lesson.race("pocket-gpt-nano", "describe", ["lora"], step=3)
    with pytest.raises(SpecError, match="view"):
        lesson.figure("curve", [])
