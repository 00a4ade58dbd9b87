"""What stands beside the leading score: each number with its meaning, of runs old and new."""

from math import exp

import pytest

from workbench.metrics import METRICS
from workbench.tasks import TASKS
from workbench.views.metrics import UNKNOWN, alone, described, metric_lines, more_measured
from workbench.views.seeds import grouped


def with_scores(run, **scores):
    run.history.scores.append((10, scores))
    return run


def titles(runs):
    return [line.measure.title for line in metric_lines(alone(runs))]


def test_perplexity_comes_first_and_the_leading_score_is_left_out(make_run) -> None:
    run = with_scores(make_run(losses=(2.0, 1.0)), accuracy=0.5, mcc=-0.25, macro_f1=0.4)
    assert titles([run]) == ["Perplexity", "MCC", "Macro F1"]
    assert {measure.key: value for measure, value in more_measured(run).items()} == pytest.approx(
        {"perplexity": exp(1), "mcc": -0.25, "macro_f1": 0.4}
    )


def test_each_is_told_with_its_own_decimals_and_meaning(make_run) -> None:
    perplexity, bleu = metric_lines(alone([with_scores(make_run(losses=(2.0, 1.0)), sacrebleu=12.345)]))
    assert (perplexity.texts(), bleu.texts()) == (["2.72"], ["12.3"])
    assert bleu.measure.means == f"{METRICS['sacrebleu'].definition}; 0 to 100, higher is better"
    assert perplexity.measure.means.endswith("; 1 or more, lower is better")


def test_a_run_without_a_metric_has_no_number_there(make_run) -> None:
    runs = [make_run("old"), with_scores(make_run("new"), accuracy=0.5, mcc=0.25)]
    assert metric_lines(alone(runs))[-1].texts() == ["-", "0.250"]


def test_a_run_that_measured_nothing_has_no_lines(make_run) -> None:
    assert metric_lines(alone([make_run(losses=())])) == []


def test_seeds_are_told_by_mean_and_deviation(make_run) -> None:
    runs = [
        with_scores(make_run(f"lora, {seed}", group="lora", seed=seed), accuracy=0.5, mcc=value)
        for seed, value in enumerate((0.1, 0.2, 0.3))
    ]
    assert metric_lines(grouped(runs))[-1].texts() == ["0.200 ± 0.100"]


def test_scores_of_the_task_itself_keep_their_definition(make_run) -> None:
    scores = TASKS["feelings"].scores
    run = with_scores(make_run(scores=scores), accuracy=0.5, new_causes=0.25)
    measure = list(more_measured(run))[-1]
    assert (measure.title, measure.definition) == ("New causes", scores["new_causes"])


def test_what_an_earlier_version_called_bleu_is_not_taken_for_todays(make_run) -> None:
    run = with_scores(make_run(scores=TASKS["describe"].scores), slot_accuracy=0.5, bleu=0.25)
    measure = list(more_measured(run))[-1]
    assert (measure.title, measure.definition) == ("Bleu", UNKNOWN)


def test_one_name_for_two_things_gives_two_lines(make_run) -> None:
    """Instructions compares the first line in small letters; rewriting the whole text."""
    one = with_scores(make_run("one", scores=TASKS["instructions"].scores), exact_match=0.5)
    other = with_scores(make_run("other", scores=TASKS["rewrite"].scores), exact_match=0.25)
    lines = [line for line in metric_lines(alone([one, other])) if line.measure.key == "exact_match"]
    assert [line.texts() for line in lines] == [["0.500", "-"], ["-", "0.250"]]
    assert described("exact_match", {}).definition == METRICS["exact_match"].definition
