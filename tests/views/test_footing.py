"""What may be held against each other, and what is said where it may not."""

from workbench.views.findings import findings
from workbench.views.footing import caveats, is_one_footing, is_one_task, score_name


def test_runs_of_one_race_stand_on_one_footing(make_run) -> None:
    runs = [
        make_run("full", task="describe", model="pocket-gpt"),
        make_run("lora", task="describe", model="pocket-gpt"),
    ]
    assert is_one_task(runs) and is_one_footing(runs) and caveats(runs) == []
    assert is_one_footing([]) and caveats([]) == []


def test_different_tasks_are_told_and_not_ranked(make_run) -> None:
    runs = [make_run("full", task="describe"), make_run("lora", task="pirate", losses=(2.0, 0.5))]
    assert not is_one_task(runs)
    words = " ".join(findings(runs))
    assert "different tasks (describe, pirate)" in words and "lowest" not in words and "within" not in words


def test_different_models_are_told(make_run) -> None:
    runs = [make_run("full", model="pocket-gpt"), make_run("lora", model="gpt2")]
    assert is_one_task(runs) and not is_one_footing(runs)
    assert "different base models (pocket-gpt, gpt2)" in caveats(runs)[0]


def test_different_objectives_are_told_and_their_losses_not_ranked(make_run) -> None:
    runs = [make_run("full", objective="language modelling"), make_run("lora", objective="classification")]
    assert is_one_task(runs) and not is_one_footing(runs)
    words = " ".join(findings(runs))
    assert "different objectives (language modelling, classification)" in words and "lowest" not in words


def test_different_devices_are_told(make_run) -> None:
    runs = [make_run("full"), make_run("lora")]
    runs[1].history.device, runs[1].history.precision = "cuda", "bfloat16"
    assert caveats(runs) == ["Times and memory were measured on different devices: cpu float32, cuda bfloat16."]


def test_the_score_has_a_name_where_all_have_the_same(make_run) -> None:
    run = make_run()
    assert score_name([run, run]) == "accuracy"
    assert score_name([]) == "score"
