"""Templates write sentences and read them back."""

from workbench.pocket.grammar import parse, template
from workbench.pocket.words import LANGUAGES, ROLE_TYPES, entries


def keys(binding):
    return {role: {word.key for word in words} for role, words in binding.items()}


def test_rendering_fills_every_slot():
    people, things = entries("person", "english"), entries("thing", "english")
    pattern = template("{a} gave {thing.the} to {b}.")
    assert pattern.render({"a": people[0], "b": people[16], "thing": things[0]}) == "Mia gave the ball to Tom."


def test_parsing_finds_who_and_what():
    (binding,) = parse(template("{a} gave {b} {thing.a}."), "Mia gave Tom an orange kite.", "english")
    assert keys(binding) == {"a": {"Mia"}, "b": {"Tom"}, "thing": {"kite"}}
    assert {word.colour for word in binding["thing"]} == {"orange"}


def test_a_role_must_agree_with_itself():
    pattern = template("{a} lost {a.her} {thing.noun}.")
    assert list(parse(pattern, "Mia lost her ball.", "english"))
    assert not list(parse(pattern, "Mia lost his ball.", "english"))


def test_a_pronoun_may_be_anybody_of_its_gender():
    (binding,) = parse(template("{a.She} laughed."), "He laughed.", "english")
    assert {"Tom", "Leo"} <= keys(binding)["a"]
    assert "Mia" not in keys(binding)["a"]


def test_languages_have_the_same_words_in_the_same_places():
    for kind in sorted(set(ROLE_TYPES.values())):
        english, spanish = (entries(kind, language) for language in LANGUAGES)
        assert [word.key for word in english] == [word.key for word in spanish]
