"""Files that nobody here wrote are read as they are, where they are at hand."""

from pathlib import Path

import pytest

from workbench.errors import DataError
from workbench.tasks.own_file import OwnFile
from workbench.tasks.scoring import score_answers

REAL = Path(__file__).parents[3] / "shared" / "real"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason=f"the real material is not at {REAL}")


def real(name: str, **columns: str) -> OwnFile:
    return OwnFile(path=str(REAL / name), **columns)


def test_e2e_is_split_by_its_attribute_lists() -> None:
    task = real("e2e/devset.csv", prompt_column="mr", target_column="ref")
    train, evaluation = task.records("train", 0, 0), task.records("evaluation", 0, 0)
    assert len(train) + len(evaluation) == 4672
    prompts = [{record.prompt for record in part} for part in (train, evaluation)]
    assert not prompts[0] & prompts[1]
    assert len(prompts[0] | prompts[1]) == 547
    assert len(prompts[1]) == 55
    assert task.records("train", 0, 0) == real("e2e/devset.csv").records("train", 0, 0), "the guess is right"


def test_gsm8k_columns_are_guessed() -> None:
    task = real("gsm8k/test.jsonl")
    assert len(task.records("train", 0, 0)) + len(task.records("evaluation", 0, 0)) == 1319
    assert any("question" in note and "answer" in note for note in task.notes())


def test_gsm8k_is_scored_by_the_number_behind_its_mark() -> None:
    task = real("gsm8k/test.jsonl")
    assert task.mark() == "####" and any("1319 of 1319 targets" in note for note in task.notes())
    records = task.records("evaluation", 0, 0)
    numbers = [record.target.rpartition("#### ")[2].replace(",", "") for record in records]
    right = score_answers(task, records, [f"By another way.\n#### {number}.00" for number in numbers])
    assert right["final_answer"] == 1.0 and right["exact_match"] == 0.0
    wrong = [
        f"{record.target.rpartition('#### ')[0]}#### {number}1" for record, number in zip(records, numbers, strict=True)
    ]
    assert score_answers(task, records, wrong)["final_answer"] == 0.0


def test_nested_instances_are_told_with_line_and_column() -> None:
    with pytest.raises(DataError, match=r"seed_tasks\.jsonl, line 1, column instances: found a list"):
        real("self_instruct/seed_tasks.jsonl", prompt_column="instruction", target_column="instances").notes()
    task = real("self_instruct/seed_tasks.jsonl", prompt_column="name", target_column="instruction")
    assert len(task.records("train", 0, 0)) == 158


@pytest.mark.parametrize("language", ["th", "zh", "ta", "ht"])
def test_many_scripts_come_through(language: str) -> None:
    task = real(f"xcopa/data/{language}/val.{language}.jsonl", prompt_column="premise", target_column="choice1")
    records = task.records("evaluation", 0, 0)
    assert len(records) == 10
    assert task.score(records, [record.target for record in records])["similarity"] == 1.0


@pytest.mark.parametrize("language", ["it", "th", "zh", "sw"])
def test_a_choice_of_two_is_read_from_its_columns(language: str) -> None:
    columns = "premise+question+choice1+choice2"
    task = real(f"xcopa/data/{language}/test.{language}.jsonl", prompt_column=columns, target_column="label")
    assert task.labels() == ("0", "1")
    assert all(record.prompt.count("\n") == 4 for record in task.records("train", 0, 0))
    assert len(task.records("train", 0, 0)) + len(task.records("evaluation", 0, 0)) == 500


def test_shakespeare_is_plain_text() -> None:
    task = real("tinyshakespeare/input.txt")
    text = (REAL / "tinyshakespeare" / "input.txt").read_text()
    evaluation = "".join(record.target for record in task.records("evaluation", 0, 0))
    assert text.endswith(evaluation)
    assert len(evaluation) / len(text) == pytest.approx(0.1, abs=0.002)


def test_an_archive_is_refused_in_a_sentence() -> None:
    with pytest.raises(DataError, match="gzip"):
        real("humaneval/HumanEval.jsonl.gz").notes()
