"""Describe: what a text says is read back, and saying too much, too little or the wrong thing costs."""

import pytest

from workbench.tasks.contract import Record
from workbench.tasks.describe import VOICES, Describe, attributes, mentions, slots, tell
from workbench.tasks.scoring import score_answers

FACTS = {"name": "Tom", "age": "eight", "home": "on a farm", "pet": "brown dog", "color": "brown"}
PROMPT = "name[Tom] | age[eight] | home[on a farm] | pet[brown dog] | color[brown]\nText:"


def accuracy(answer: str) -> float:
    return Describe().score([Record(PROMPT, "")], [answer])["slot_accuracy"]


def test_a_prompt_is_read_back() -> None:
    assert attributes(PROMPT) == FACTS


@pytest.mark.parametrize(
    ("voice", "text"),
    [
        ("single", "Tom is eight years old. He lives on a farm. He has a brown dog. He likes the color brown."),
        ("pairs", "Tom is eight years old and lives on a farm. He has a brown dog and likes the color brown."),
        ("threes", "Tom is eight years old, lives on a farm and has a brown dog. He likes the color brown."),
        ("kind", "Tom is an eight-year-old boy. He lives on a farm and has a brown dog. He likes the color brown."),
    ],
)
def test_the_voices_in_examples(voice: str, text: str) -> None:
    assert tell(FACTS, voice) == text


def test_every_voice_says_everything_of_every_record() -> None:
    for record in Describe().records("train", 300, 0):
        facts = attributes(record.prompt)
        for voice in VOICES:
            said = mentions(tell(facts, voice))
            assert {slot: values for slot, values in said.items() if values} == {
                slot: {value} for slot, value in facts.items()
            }


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            "Tom is eight years old. He lives on a farm. He has a dog. The dog is brown. His favorite color is brown.",
            1.0,
        ),
        ("Tom is eight years old.", 2 / 5),
        ("Tom is six years old.", 1 / 5),
        ("Tom is eight years old. Tom is six years old.", 1 / 5),
        ("Tom is eight years old. She lives on a farm.", 2 / 5),  # the wrong pronoun costs the name
        ("Tom is eight years old. He likes apples.", 2 / 6),  # one attribute is made up
        ("Mia and Tom are eight years old.", 1 / 5),
        ("brown dog eight farm brown Tom", 1 / 5),
    ],
)
def test_slot_accuracy_by_hand(answer: str, expected: float) -> None:
    assert accuracy(answer) == pytest.approx(expected)


def bleu(record: Record, answer: str) -> float:
    return score_answers(Describe(), [record], [answer])["sacrebleu"]


def test_bleu_takes_the_nearest_of_the_six_references() -> None:
    for voice in VOICES:
        assert bleu(Record(PROMPT, "x"), f" {tell(FACTS, voice)}\n") == pytest.approx(100)
    assert 20 < bleu(Record(PROMPT, "x"), "Tom is eight years old and has a dog.") < 90


def test_no_value_of_a_slot_hides_in_another() -> None:
    for slot, values in slots().items():
        assert len(values) == len(set(values))
        assert slot == "pet" or not [
            (one, two) for one in values for two in values if one != two and f" {one} " in f" {two} "
        ]


def test_prompts_give_two_to_four_attributes_beside_the_name() -> None:
    sizes = {len(attributes(record.prompt)) for record in Describe().records("train", 200, 0)}
    assert sizes == {3, 4, 5}
