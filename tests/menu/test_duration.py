"""The time a race would take, held against sums done by hand."""

import pytest

from workbench.menu.duration import LATEST, Pace, Past, corrected, race_seconds, seconds
from workbench.models.catalog import find_card
from workbench.spec import Budget, Choice, RunSpec

CARD = find_card("pocket-gpt")
PACE = Pace(CARD.parameters, cores=2, read=1e-4, write=1e-3, domain=0.5, tokens={"describe": 50.0})
BUDGET = Budget(
    steps=10, batch_size=4, evaluate_every=5, sample_every=5, evaluation_examples=8, metric_examples=3, max_length=256
)


def spec(method: str = "full", model: str = "pocket-gpt", task: str = "describe", **budget: int) -> RunSpec:
    return RunSpec(model, Choice(task), Choice(method), budget=BUDGET if not budget else Budget(**budget))


def test_steps_evaluations_and_answers_add_up() -> None:
    steps = 10 * 4 * 50 * 3 * 1e-4  # forward, and twice as much backward where everything moves
    looks = 2 * (8 * 50 * 1e-4 + 0.5)  # after steps 5 and 10; the one before the first is the whole race's
    answers = (3 + 5 * 1) * 64 * 1e-3  # scored at the end, shown half-way
    assert seconds(spec(), CARD, CARD.parameters, PACE) == pytest.approx(steps + looks + answers)


def test_a_model_twice_as_large_takes_twice_as_long() -> None:
    small = Pace(CARD.parameters // 2, cores=2, read=1e-4, write=1e-3, domain=0.5, tokens={"describe": 50.0})
    one, two = (seconds(spec(), CARD, CARD.parameters, pace) for pace in (PACE, small))
    assert two == pytest.approx(2 * one, rel=1e-5)


def test_fewer_moving_numbers_save_a_third_at_most_and_none_train_for_nothing() -> None:
    full, lora, none = (seconds(spec(), CARD, moving, PACE) for moving in (CARD.parameters, 1000, 0))
    assert none == 0.0
    assert 2 / 3 * full < lora < full


def test_what_reads_a_batch_several_times_takes_so_much_longer_to_train() -> None:
    def trained(name: str, **knobs: str) -> float:
        one = RunSpec("pocket-gpt", Choice("describe"), Choice(name, knobs), budget=BUDGET)
        return seconds(one, CARD, 1000, PACE) - 2 * (8 * 50 * 1e-4 + 0.5) - (3 + 5 * 1) * 64 * 1e-3

    assert trained("prompt_mixture", prompts="4") == pytest.approx(4 * trained("prompt"))
    assert trained("autoprompt", candidates="7") == pytest.approx(5 * trained("prompt"))


def test_a_task_that_nobody_measured_counts_as_typical() -> None:
    assert seconds(spec(task="pirate"), CARD, 1000, PACE) > seconds(spec(), CARD, 1000, PACE)


def test_small_models_train_side_by_side_and_large_ones_do_not() -> None:
    assert race_seconds([4.0, 4.0, 4.0], PACE, 2_000_000) == 6.0
    assert race_seconds([4.0, 4.0, 4.0], PACE, 124_000_000) == 12.0
    assert race_seconds([9.0, 1.0], PACE, 2_000_000) == 9.0  # no run is faster for having company
    assert race_seconds([], PACE, 2_000_000) == 0.0


def test_earlier_runs_of_the_method_correct_the_expectation() -> None:
    past = [Past("lora", 12.0, 10.0), Past("lora", 14.0, 10.0), Past("lora", 90.0, 10.0), Past("full", 5.0, 10.0)]
    assert corrected("lora", 100.0, past) == pytest.approx(140.0)
    assert corrected("full", 100.0, past) == pytest.approx(50.0)
    assert corrected("prefix", 100.0, past) == pytest.approx(130.0)  # the median of all
    assert corrected("lora", 100.0, []) == 100.0
    assert corrected("lora", 100.0, [Past("lora", 20.0, 10.0)] * LATEST + [Past("lora", 1.0, 10.0)]) == 200.0
