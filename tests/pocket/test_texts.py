"""Facts, portraits, dialogues and odds: what they show and that they are well formed."""

import re

from workbench.pocket import documents
from workbench.pocket.knowledge import COUNTED, OPPOSITES
from workbench.pocket.odds import PRINTABLE


def text_of(kind, count):
    return "\n".join(document.text for document in documents(12, count, [kind]))


def test_no_slot_is_left_unfilled():
    for kind in ("facts", "dialogue", "english story", "spanish story", "tracking", "sums"):
        assert not re.search(r"[{}]|\bNone\b", text_of(kind, 400))


def test_facts_teach_opposites_plurals_and_letters():
    text = text_of("facts", 6000)
    for one, other in OPPOSITES:
        assert f"The opposite of {one} is {other}." in text
    for one, many in COUNTED:
        assert f"one {one}, two {many}" in text.lower()
    for word, letter in re.findall(r"The first letter of (\w+) is (\w)\.", text):
        assert word[0] == letter


def test_portraits_tell_age_pet_and_food():
    text = text_of("facts", 1500)
    assert re.search(r"is a \w+-year-old (girl|boy)\.", text)
    assert re.search(r"has a \w+ dog\.", text)
    assert re.search(r"likes apples\.", text)


def test_dialogues_have_two_speakers_in_turn():
    for document in documents(3, 300, ["dialogue"]):
        speakers = [line.split(": ")[0] for line in document.text.split("\n")]
        assert len(set(speakers)) == 2 or len(speakers) == 1
        assert all(one != other for one, other in zip(speakers, speakers[1:], strict=False))


def test_odds_show_every_printable_character():
    assert set(PRINTABLE) <= set(text_of("odds", 400))
