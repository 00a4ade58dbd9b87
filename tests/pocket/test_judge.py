"""The judge accepts what the generator writes and notices what spoils it."""

import re
from random import Random

import pytest

from workbench.pocket import (
    documents,
    is_grammatical,
    judge_story,
    split_sentences,
    story,
    wordlists,
)
from workbench.pocket.judge import _patterns
from workbench.pocket.words import LANGUAGES, entries

STORIES = 1200
PRONOUNS = {
    "english": ("she", "he", "She", "He", "her", "his", "him"),
    "spanish": (
        "un",
        "una",
        "contento",
        "contenta",
        "orgulloso",
        "orgullosa",
        "enfadada",
        "enfadado",
    ),
}


def options(what: str, language: str) -> tuple[str, ...]:
    """Return the words that a corruption of this name swaps for one another."""
    if what == "name":
        return tuple(row[0] for row in wordlists.people())
    if what == "pronoun":
        return PRONOUNS[language]
    form = {"thing": "noun", "place": "the"}[what]
    return tuple(dict.fromkeys(getattr(word, form) for word in entries(what, language)))


def swapped(text: str, what: str, language: str, rng: Random, at_least: int = 1) -> str | None:
    """Return the text with one word of a kind replaced; None if it has fewer than `at_least`."""
    words = options(what, language)
    found = [hit for word in words for hit in re.finditer(rf"\b{re.escape(word)}\b", text)]
    if len(found) < at_least:
        return None
    hit = rng.choice(found)
    other = rng.choice([word for word in words if word != hit[0]])
    return text[: hit.start()] + other + text[hit.end() :]


def shuffled(text: str, rng: Random) -> str:
    """Return the text with two neighbouring words of one sentence exchanged."""
    sentences = split_sentences(text)
    which = rng.randrange(len(sentences))
    words = sentences[which].split()
    place = rng.randrange(len(words) - 1)
    words[place : place + 2] = reversed(words[place : place + 2])
    sentences[which] = " ".join(words)
    return " ".join(sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_generated_story_is_perfect(language):
    for document in documents(8, STORIES, [f"{language} story"]):
        verdict = judge_story(document.text, language)
        assert verdict.is_perfect, (verdict, document.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_mentions_the_roles_of_its_effects(language):
    for sentence, step, _ in _patterns(language):
        for verb, *roles in step.effects:
            assert set(roles[verb == "keep" :]) <= sentence.roles, sentence.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("what", "at_least", "rate"),
    [("name", 1, 0.9), ("thing", 2, 0.8), ("place", 2, 0.65), ("pronoun", 1, 0.97)],
)
def test_swapped_words_are_caught(language, what, at_least, rate):
    verdicts = []
    for index in range(700):
        rng = Random(f"{what} {index}")
        spoiled = swapped(story(rng, language), what, language, rng, at_least)
        if spoiled:
            verdicts.append(judge_story(spoiled, language).is_perfect)
    assert len(verdicts) > 60
    assert verdicts.count(False) / len(verdicts) >= rate


@pytest.mark.parametrize("language", LANGUAGES)
def test_shuffled_words_are_caught(language):
    rng = Random(1)
    spoiled = [shuffled(story(rng, language), rng) for _ in range(200)]
    assert sum(judge_story(text, language).is_perfect for text in spoiled) <= 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('Mia was a little girl. "I did it!" said Tom.', "Tom is not known"),
        (
            "Mia was a little girl. Mia had a red ball and took it everywhere. The ball was blue.",
            "",
        ),
        (
            "Mia was six years old. One day, Mia went to the park. Her friend Tom was in the garden too.",
            "garden",
        ),
        ("Mia was a little girl. Mia gave Tom the ball.", "not known"),
        ("Mia had a red ball and took it everywhere.", "Mia is not known"),
    ],
)
def test_contradictions_are_problems(text, problem):
    verdict = judge_story(text)
    assert not verdict.is_perfect
    assert problem in " ".join(verdict.problems)


def test_a_color_may_not_change():
    text = (
        "Mia was a little girl. Mia had a red ball and took it everywhere. One day, Mia went to "
        "the park. There she lost her ball. Her friend Tom was in the park too. At last, Tom "
        "found the {} ball under a bench."
    )
    assert judge_story(text.format("red")).is_perfect
    assert not judge_story(text.format("blue")).consistent


def test_who_gives_must_have():
    start = "Mia was a little girl. One day, Mia and Tom played in the park. Tom had a red ball. "
    assert judge_story(start + "Then Tom gave the ball to Mia.").is_perfect
    assert not judge_story(start + "Then Mia gave the ball to Tom.").consistent


@pytest.mark.parametrize(
    ("sentence", "language", "expected"),
    [
        ("Mia was very happy.", "english", True),
        ("Mia was happy very.", "english", False),
        ("Mia hugged her ball and was very happy.", "english", True),
        ("Mia hugged his ball and was very happy.", "english", False),
        ("Mia estaba muy enfadada.", "spanish", True),
        ("Mia estaba muy enfadado.", "spanish", False),
        ("Mia tenía una cometa roja que le gustaba mucho.", "spanish", True),
        ("Mia tenía un cometa roja que le gustaba mucho.", "spanish", False),
        ("Mia tenía una cometa rojo que le gustaba mucho.", "spanish", False),
        ("Un día, Tom fue al parque.", "spanish", True),
        ("Un día, Tom fue a la parque.", "spanish", False),
        ("", "english", False),
    ],
)
def test_grammar_knows_agreement(sentence, language, expected):
    assert is_grammatical(sentence, language) is expected


def test_direct_speech_stays_with_its_sentence():
    sentences = [
        "Mia ran.",
        '"Hi! Who are you?" she asked.',
        '"Come!" said Tom.',
        'Tom said, "No. Never!"',
        "They laughed.",
    ]
    assert split_sentences(" ".join(sentences)) == sentences
    assert split_sentences("An unfinished") == ["An unfinished"]
    assert split_sentences("") == []
