"""Seeds: groups, means, spreads and warnings, against numbers worked by hand."""

import math

import pytest

from workbench.views.findings import findings
from workbench.views.seeds import (
    Spread,
    cautions,
    group_rows,
    grouped,
    mean_curve,
    number_text,
    pooled_deviation,
    spread_of,
)


@pytest.fixture
def seeds(make_run):
    """Runs of one group that end at these losses, with seeds 0, 1, 2, ..."""

    def make(group: str, *losses: float, trainable: int = 10, **more):
        several = len(losses) > 1
        return [
            make_run(
                f"{group}, seed {seed}" if several else group,
                trainable,
                losses=(3.0, loss) if trainable else (loss,),
                group=group,
                seed=seed,
                **more,
            )
            for seed, loss in enumerate(losses)
        ]

    return make


def test_runs_that_differ_in_nothing_but_the_seed_are_one_group(seeds) -> None:
    groups = grouped([*seeds("full", 1.0, 2.0), *seeds("lora", 1.5)])
    assert [(group.label, [run.seed for run in group.runs]) for group in groups] == [("full", [0, 1]), ("lora", [0])]


def test_a_run_that_broke_off_stands_alone(seeds, make_run) -> None:
    broken = make_run("full, seed 2", group="full", seed=2, failure="The loss is NaN.")
    groups = grouped([*seeds("full", 1.0, 2.0), broken])
    assert [(group.label, len(group.runs), group.is_finished) for group in groups] == [
        ("full", 2, True),
        ("full, seed 2", 1, False),
    ]


def test_a_group_of_which_one_run_is_left_bears_that_run_s_label(make_run) -> None:
    assert [group.label for group in grouped([make_run("full, seed 2", group="full", seed=2)])] == ["full, seed 2"]


def test_a_run_without_a_group_stands_alone(make_run) -> None:
    assert [group.label for group in grouped([make_run("full"), make_run("lora")])] == ["full", "lora"]


def test_the_spread_is_mean_and_sample_standard_deviation() -> None:
    spread = spread_of([1.0, 1.2, 1.4])  # deviations -0.2, 0, 0.2; squares 0.08 over n - 1 = 2 is 0.04
    assert (spread.mean, spread.deviation, spread.n) == (pytest.approx(1.2), pytest.approx(0.2), 3)
    assert spread_of([1.5]) == Spread(1.5, None, 1)


@pytest.mark.parametrize("values", [[], [1.0, None], [1.0, math.nan], [math.inf]])
def test_there_is_no_mean_without_every_seed(values) -> None:
    assert spread_of(values) is None


def test_the_pooled_deviation_weighs_by_n_minus_one() -> None:
    three, two = spread_of([1.0, 1.2, 1.4]), spread_of([1.1, 1.3])  # variances 0.04 and 0.02
    assert pooled_deviation([three, two]) == pytest.approx(math.sqrt((2 * 0.04 + 1 * 0.02) / 3))
    assert pooled_deviation([three, Spread(5.0, None, 1)]) == pytest.approx(0.2)
    assert pooled_deviation([Spread(1.0, None, 1), Spread(2.0, None, 1)]) is None


def test_a_mean_curve_has_the_steps_that_all_seeds_have() -> None:
    bands = mean_curve([[(0, 2.0), (5, 1.0)], [(0, 4.0), (5, 2.0), (10, 9.0)]])
    assert [(band.step, band.mean, band.low, band.high) for band in bands] == [(0, 3.0, 2.0, 4.0), (5, 1.5, 1.0, 2.0)]
    assert mean_curve([[(0, 2.0), (5, math.nan)], [(0, 4.0), (5, 2.0)]])[-1].step == 0
    assert mean_curve([]) == []


def test_a_group_s_row_has_means_deviations_and_the_number_of_seeds(seeds) -> None:
    (row,) = group_rows(grouped(seeds("lora", 1.0, 1.2, 1.4)))
    assert (row["n"], row["seeds"], row["state"], row["trainable"]) == (3, [0, 1, 2], "finished", 10)
    assert (row["loss"], row["loss_deviation"]) == (pytest.approx(1.2), pytest.approx(0.2))
    assert row["loss_first"] == 3.0 and row["loss_first_deviation"] == 0.0


def test_a_run_s_row_has_its_values_and_no_deviation(seeds) -> None:
    (row,) = group_rows(grouped(seeds("lora", 1.5)))
    assert (row["n"], row["loss"], row["loss_deviation"]) == (1, 1.5, None)


def test_a_mean_is_written_with_its_deviation() -> None:
    assert number_text(1.2, ".3f", 0.2) == "1.200 ± 0.200"
    assert number_text(0.5, "+.2f", 0.25) == "+0.50 ± 0.25"
    assert (number_text(1.2, ".1f"), number_text(None, ".1f")) == ("1.2", "-")


def test_a_difference_within_the_spread_is_warned_of(seeds) -> None:
    (sentence,) = cautions([*seeds("full", 1.0, 1.2, 1.4), *seeds("lora", 1.1, 1.3, 1.5)])
    assert sentence.startswith("full and lora differ by 0.100 nats per token in mean held-out loss, less than")
    assert "a standard deviation of 0.200" in sentence and "do not tell which is better" in sentence


def test_a_difference_beyond_the_spread_is_not_warned_of(seeds) -> None:
    assert cautions([*seeds("full", 1.0, 1.2, 1.4), *seeds("lora", 1.3, 1.5, 1.7)]) == []


def test_each_pair_is_looked_at(seeds) -> None:
    runs = [*seeds("full", 1.0, 1.2, 1.4), *seeds("lora", 1.1, 1.3, 1.5), *seeds("ia3", 9.0, 9.1, 9.2)]
    assert [sentence.split(" differ")[0] for sentence in cautions(runs)] == ["full and lora"]


def test_one_seed_cannot_tell(seeds) -> None:
    (sentence,) = cautions([*seeds("full", 1.0), *seeds("lora", 1.1)])
    assert sentence.startswith("This is one seed, and one seed cannot tell")


def test_those_with_one_seed_are_named_where_others_have_more(seeds) -> None:
    (sentence,) = cautions([*seeds("full", 1.0, 1.2, 1.4), *seeds("lora", 1.2)])
    assert sentence.startswith("Of lora there is one seed only, and one seed cannot tell")


def test_what_trains_nothing_needs_no_second_seed(seeds) -> None:
    none = seeds("none", 1.3, trainable=0)
    (sentence,) = cautions([*none, *seeds("full", 1.0, 1.2, 1.4)])
    assert sentence.startswith("none and full differ by 0.100")
    assert cautions([*none, *seeds("full", 1.0)]) == []


def test_losses_of_different_tasks_or_models_are_not_compared(seeds) -> None:
    full = seeds("full", 1.0, 1.2, 1.4, task="describe", model="pocket-gpt")
    assert cautions([*full, *seeds("lora", 1.1, 1.3, 1.5, task="pirate", model="pocket-gpt")]) == []
    assert cautions([*full, *seeds("lora", 1.1, 1.3, 1.5, task="describe", model="gpt2")]) == []


def test_findings_speak_of_the_means_of_seeds(seeds) -> None:
    words = " ".join(findings([*seeds("full", 1.0, 1.2, 1.4), *seeds("lora", 2.0, 2.2, 2.4, trainable=5)]))
    assert "full (mean of 3 seeds) reached the lowest held-out loss, 1.200 nats per token" in words
    assert "lora (mean of 3 seeds), ended 83 % higher" in words
    assert "No way of tuning, on average over its seeds, forgot much" in words and "one seed" not in words
