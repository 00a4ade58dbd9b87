"""Instructions: twelve types in several wordings, two of them kept for the evaluation, all answers right."""

from collections import Counter

import pytest

from workbench.pocket.knowledge import CATEGORIES, COLOURED, COUNTED, OPPOSITES, PLURALS
from workbench.tasks.contract import Record
from workbench.tasks.instructions import HELD_OUT, KINDS, TRAINED, Instructions


def test_twelve_types_have_four_wordings_or_more() -> None:
    assert len(KINDS) == 12
    assert all(len(set(kind.wordings)) >= 4 for kind in KINDS.values())


def test_two_types_come_up_in_the_evaluation_only() -> None:
    assert {record.group for record in Instructions().records("train", 0, 0)} == set(TRAINED)
    assert {record.group for record in Instructions().records("evaluation", 0, 0)} == {*TRAINED, *HELD_OUT}
    assert len(HELD_OUT) == 2


def test_a_small_evaluation_asks_every_type() -> None:
    counts = Counter(record.group for record in Instructions().records("evaluation", 64, 0))
    assert len(counts) == 12
    assert max(counts.values()) - min(counts.values()) <= 1


def test_a_question_of_the_evaluation_is_not_trained_in_other_words() -> None:
    """Whoever has learned "the opposite of up" in one wording is not asked for it in another."""
    trained = {(r.group, r.target) for r in Instructions().records("train", 0, 0) if r.group in ("repeat", "spell")}
    asked = {(r.group, r.target) for r in Instructions().records("evaluation", 0, 0) if r.group in ("repeat", "spell")}
    assert asked and not trained & asked


def words_of(record: Record) -> str:
    return record.prompt.removeprefix("Instruction: ").removesuffix("\nAnswer:")


def numbers_in(text: str) -> list[int]:
    return [int(word) for word in "".join(c if c.isdigit() else " " for c in text).split()]


def test_answers_are_right() -> None:
    opposites = {frozenset(pair) for pair in OPPOSITES}
    for record in Instructions().records("evaluation", 0, 0):
        asked, answer = words_of(record), record.target.strip()
        cleaned = "".join(character if character.isalpha() else " " for character in asked).split()
        match record.group:
            case "sum":
                assert sum(numbers_in(asked)) == int(answer) <= 10
            case "bigger":
                assert max(numbers_in(asked)) == int(answer)
            case "repeat":
                assert answer in cleaned
            case "spell":
                assert answer.replace(" ", "") in cleaned
            case "opposite":
                assert any(frozenset((word, answer)) in opposites for word in cleaned)
            case "colour":
                assert any(thing in asked and colour == answer for thing, colour in COLOURED)
            case "plural":
                assert any(one in cleaned and many == answer for one, many in COUNTED)
            case "category":
                name = next(name for name, many in PLURALS.items() if many == answer)
                assert sum(word in CATEGORIES[name] for word in cleaned) >= 3
            case "who_has":
                assert answer in cleaned


def test_exact_match_looks_at_the_first_line_and_forgives_capitals_and_a_stop() -> None:
    records = [Record("", " small", "opposite")] * 4
    answers = [" small", "Small.", "small\nInstruction: what", "small it is"]
    assert Instructions().score(records, answers) == {"exact_match": 0.75}


def test_held_out_types_are_scored_apart() -> None:
    records = [Record("", " 3", "sum"), Record("", " red", "colour"), Record("", " cats", "plural")]
    assert Instructions().score(records, ["3", "red", "dogs"]) == pytest.approx({"exact_match": 1.0, "held_out": 0.5})
