"""Every task keeps the contract: documented, seeded, nested, fairly split, and scored as it says."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.knobs import knobs
from workbench.metrics import METRICS
from workbench.spec import RunSpec
from workbench.tasks import TASKS
from workbench.tasks.contract import Task
from workbench.tasks.scoring import score_answers

MADE = [name for name in TASKS if name != "own_file"]


@pytest.fixture(params=list(TASKS))
def task(request: pytest.FixtureRequest, tmp_path: Path) -> Task:
    if request.param != "own_file":
        return TASKS[request.param]()
    lines = [f"say {number} slowly,the answer to it is {number * 7}" for number in range(300)]
    path = tmp_path / "own.csv"
    path.write_text("\n".join(["prompt,target", *lines]))
    return TASKS["own_file"](path=str(path))


def test_the_registry_finds_all() -> None:
    assert list(TASKS) == ["pirate", "feelings", "follows", "describe", "instructions", "rewrite", "own_file"]
    assert RunSpec().task.name in TASKS


def test_is_documented(task: Task) -> None:
    for text in (task.title, task.plain, task.idea, task.source, type(task).__doc__):
        assert text and len(text) > 3
    assert task.metric in task.scores
    assert all(len(definition) > 10 for definition in task.scores.values())
    assert all(entry.help for entry in knobs(type(task)).values())


def test_the_same_seed_gives_the_same_records(task: Task) -> None:
    assert task.records("train", 60, 3) == replace(task).records("train", 60, 3)


def test_another_seed_gives_other_training_records(task: Task) -> None:
    assert task.records("train", 60, 3) != task.records("train", 60, 4)


def test_fewer_examples_are_the_start_of_more(task: Task) -> None:
    more = task.records("train", 100, 1)
    assert len(more) == 100
    assert task.records("train", 16, 1) == more[:16]
    assert task.records("evaluation", 0, 1)[:20] == task.records("evaluation", 20, 1)


def test_zero_examples_means_all(task: Task) -> None:
    everything = task.records("train", 0, 1)
    assert everything == task.records("train", 10**6, 1)
    assert len(everything) > 200


def test_the_evaluation_is_the_same_for_every_seed(task: Task) -> None:
    assert task.records("evaluation", 0, 0) == task.records("evaluation", 0, 99)


def test_the_splits_share_no_prompt(task: Task) -> None:
    held_out = {record.prompt for record in task.records("evaluation", 0, 0)}
    for seed in range(3):
        assert not held_out & {record.prompt for record in task.records("train", 0, seed)}


def test_no_record_repeats_another(task: Task) -> None:
    records = task.records("train", 0, 5)
    assert len({record.prompt for record in records}) == len(records)


def test_metrics_are_known_and_none_is_missing(task: Task) -> None:
    records = task.records("evaluation", 40, 0)
    scores = score_answers(task, records, [record.target for record in records])
    expected = {name for name in task.metrics if (METRICS[name].kind == "choice") == bool(task.labels())}
    expected -= set() if task.mark() else {"final_answer"}
    assert list(scores)[0] in task.scores and set(scores) == {*task.scores, *expected}
    best = {name: METRICS[name].high for name in expected if not name.startswith("distinct")}
    assert {name: scores[name] for name in best} == pytest.approx(best)


def test_the_targets_are_the_best_answers(task: Task) -> None:
    records = task.records("evaluation", 100, 0)
    scores = task.score(records, [record.target for record in records])
    assert scores[task.metric] == 1.0
    assert set(scores) == set(task.scores)
    assert all(value == pytest.approx(1.0) for value in scores.values())


def test_empty_answers_score_nothing(task: Task) -> None:
    records = task.records("evaluation", 50, 0)
    assert all(value == 0.0 for value in task.score(records, [""] * len(records)).values())


def test_the_right_answers_to_other_prompts_score_low(task: Task) -> None:
    """For pirate talk any good sentence has style and grammar, so there the words are shuffled, too."""
    records = task.records("evaluation", 100, 0)
    answers = [record.target for record in records]
    random.Random(0).shuffle(answers)
    if task.name == "pirate":
        answers = [" ".join(random.Random(1).sample(answer.split(), len(answer.split()))) for answer in answers]
    # Numbers in one wording look alike to chrF, as in the file that the fixture writes; of two labels one guesses half.
    most = {"own_file": 0.95, "follows": 0.6}.get(task.name, 0.35)
    assert task.score(records, answers)[task.metric] < most


def test_scores_stay_between_zero_and_one_whatever_is_answered(task: Task) -> None:
    records = task.records("evaluation", 5, 0)
    answers = ["", "\n\n", '"', "." * 300, "Mia [x] \u202e\U0001f600 {name} \\"]
    assert all(0.0 <= value <= 1.0 for value in task.score(records, answers).values())


@pytest.mark.parametrize("name", MADE)
def test_made_records_are_plain_and_short(name: str) -> None:
    for split in ("train", "evaluation"):
        for record in TASKS[name]().records(split, 500, 0):
            assert (record.prompt + record.target).isascii()
            assert len(record.prompt + record.target) < 450
            assert record.prompt.strip() and record.target.startswith(" ") and not record.prompt.endswith(" ")
