"""Feelings: balanced, never named in the story, with causes that training never shows."""

from collections import Counter

import pytest

from workbench.tasks.contract import Record
from workbench.tasks.feelings import CAUSES, LABELS, NEW, SEEN, Feelings, causes
from workbench.tasks.scoring import score_answers


def test_the_classes_are_balanced() -> None:
    for split in ("train", "evaluation"):
        counts = Counter(record.target for record in Feelings().records(split, 200, 0))
        assert counts == {f" {label}": 40 for label in LABELS}


def test_the_story_never_names_a_feeling() -> None:
    for record in Feelings().records("train", 0, 0):
        assert not any(label in record.prompt for label in LABELS)
        assert record.prompt.endswith("\nFeeling:")


def test_some_causes_are_kept_from_training() -> None:
    for label in LABELS:
        seen, new = ({cause.text for cause in causes(label, group)} for group in (SEEN, NEW))
        assert not seen & new
        assert len(seen) + len(new) == len(set(CAUSES[label])) == 15
        assert len(new) == 5
    assert {record.group for record in Feelings().records("train", 100, 0)} == {SEEN}
    groups = Counter(record.group for record in Feelings().records("evaluation", 100, 0))
    assert groups == {SEEN: 50, NEW: 50}


def test_no_cause_serves_two_feelings() -> None:
    every = [cause for group in CAUSES.values() for cause in group]
    assert len(every) == len(set(every))


@pytest.mark.parametrize("answer", [" happy", "Happy.", " happy because of the coin", "happy\nThe end"])
def test_the_first_word_counts(answer: str) -> None:
    assert Feelings().score([Record("", " happy")], [answer])["accuracy"] == 1.0


def test_scores_by_hand() -> None:
    """happy: 1 hit of 2 targets, 1 answer: 2/3. sad: 1 hit, 1 target, 2 answers: 2/3. The mean is 2/3."""
    records = [Record("1", " happy", SEEN), Record("2", " happy", NEW), Record("3", " sad", SEEN)]
    answers = ["Happy.", "sad", "sad"]
    assert Feelings().score(records, answers) == pytest.approx({"accuracy": 2 / 3, "new_causes": 0.0})
    assert score_answers(Feelings(), records, answers)["macro_f1"] == pytest.approx(2 / 3)
