"""Pirate talk can be undone, is made of known words, and cannot be won by a salad of its words."""

import re

import pytest

from workbench.pocket import documents, is_grammatical, split_sentences
from workbench.tasks.contract import Record
from workbench.tasks.pirate import FEELING, OPENINGS, OTHER, TALK, Pirate, from_pirate, has_marks, to_pirate

STORIES = [document.text for document in documents(11, 400, kinds=["english story"])]
SENTENCES = sorted({sentence for story in STORIES for sentence in split_sentences(story)})


def test_every_sentence_of_the_stories_comes_back() -> None:
    for sentence in SENTENCES:
        assert from_pirate(to_pirate(sentence)) == sentence
        assert has_marks(to_pirate(sentence))
        assert not has_marks(sentence)
        assert from_pirate(sentence) == sentence


@pytest.mark.parametrize(
    ("plain", "spoken"),
    [
        ("Mia was sad.", f"{FEELING}captain Mia be sad."),
        ("She went to the park.", f"{OTHER}she sailed over to the park."),
        ("They went on the ship and sailed away.", f"{OTHER}they sailed over on the ship and sailed away."),
        ('"Let us be friends again," said Tom.', f'{TALK}"Let us be friends again," said captain Tom.'),
    ],
)
def test_the_rules_in_examples(plain: str, spoken: str) -> None:
    assert to_pirate(plain) == spoken
    assert from_pirate(spoken) == plain


def test_the_register_is_made_of_words_that_the_base_reads() -> None:
    read = set()
    for document in documents(12, 6000):
        read.update(re.findall(r"[A-Za-z]+", document.text))
    assert set(re.findall(r"[A-Za-z]+", " ".join((*OPENINGS, "captain be sailed")))) <= read


@pytest.mark.parametrize(
    "sentence",
    [
        "Captain Mia be sad.",
        f"{OTHER}captain Mia be sad.",  # a feeling asks for another opening
        f"{FEELING}Mia be sad.",
        f"{FEELING}captain Mia was sad.",
        f"{OTHER}she went to the park.",
    ],
)
def test_half_a_register_does_not_count(sentence: str) -> None:
    assert not has_marks(sentence)


def score(answer: str, prompt: str = "Mia was a little girl.") -> dict[str, float]:
    return Pirate().score([Record(prompt, "")], [answer])


def test_plain_sentences_have_grammar_but_no_style() -> None:
    assert score("Mia had a brown dog. One day, Mia went to the park.") == {
        "style_and_grammar": 0.0,
        "style": 0.0,
        "grammar": 1.0,
        "consistent": 1.0,
    }


def test_a_salad_of_pirate_words_has_no_grammar() -> None:
    assert score(f"{OTHER}captain captain ship be be. {OTHER}sea sailed captain.")["style_and_grammar"] == 0.0


def test_one_good_sentence_of_two_is_a_quarter() -> None:
    told = score(f"{to_pirate('Mia had a brown dog.')} Dog the was.")
    assert (told["style"], told["grammar"], told["style_and_grammar"]) == (0.5, 0.5, 0.25)


def test_a_story_that_contradicts_itself_is_grammatical_but_not_consistent() -> None:
    told = score(to_pirate("Tom was sad because the ball was lost."))
    assert told["style_and_grammar"] == 1.0
    assert told["consistent"] == 0.0


def test_a_last_sentence_that_was_cut_off_is_left_out() -> None:
    assert score(f"{to_pirate('Mia had a brown dog.')} From the deep blue")["style_and_grammar"] == 1.0


def test_targets_are_two_sentences_of_the_story_in_the_register() -> None:
    for record in Pirate().records("train", 200, 0):
        sentences = split_sentences(record.target)
        assert 1 <= len(sentences) <= 2
        assert all(has_marks(sentence) and is_grammatical(from_pirate(sentence)) for sentence in sentences)
        assert all(is_grammatical(sentence) for sentence in split_sentences(record.prompt))
