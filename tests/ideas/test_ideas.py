"""What holds for every idea: plain words, short, and no figure that docs/results.md does not have."""

import re
from pathlib import Path

import pytest

from workbench.ideas import IDEAS
from workbench.methods import METHODS
from workbench.spec import parse_choice

RESULTS = (Path(__file__).parents[2] / "docs" / "results.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"(?<![\w)])\d+(?:\.\d+)?(?:e-\d)?(?!\w)")


def section(heading: str) -> str:
    """The text of docs/results.md under a heading."""
    (found,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", RESULTS, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.mark.parametrize("name", list(IDEAS))
def test_is_documented_in_a_few_plain_sentences(name: str) -> None:
    idea = IDEAS[name]
    for text in (idea.title, idea.term, idea.plain, idea.idea, idea.formula, idea.measured, idea.source, idea.paper):
        assert text and text.strip() == text
    assert idea.name == name
    assert all(text.endswith((".", "?")) for text in (idea.plain, idea.idea, idea.measured))
    assert 80 <= len(f"{idea.plain} {idea.idea} {idea.measured}".split()) <= 160


def test_an_idea_and_a_method_never_have_the_same_address() -> None:
    assert not set(IDEAS) & set(METHODS)


@pytest.mark.parametrize("name", list(IDEAS))
def test_every_figure_that_is_called_measured_stands_in_the_results(name: str) -> None:
    idea, source = IDEAS[name], section(IDEAS[name].source)
    told = re.findall(r"[\d.]+ ± [\d.]*\d", idea.measured)
    assert [pair for pair in told if pair not in source] == []
    numbers = NUMBER.findall(idea.measured)
    assert numbers
    assert [number for number in numbers if not re.search(rf"(?<![\w.]){re.escape(number)}(?![\w])", source)] == []


@pytest.mark.parametrize("name", [name for name in IDEAS if IDEAS[name].figure.kind == "measured"])
def test_every_measured_bar_is_the_method_s_own_line_of_the_results(name: str) -> None:
    figure, source = IDEAS[name].figure, section(IDEAS[name].source)
    task = figure.title.rpartition(" ")[2]
    table = source.partition(f"### {task} ")[2].partition("\n### ")[0]
    for text, (mean, deviation) in zip(figure.methods, figure.measured, strict=True):
        (line,) = re.findall(rf"^\| {re.escape(parse_choice(text).name)} \|.*$", table, re.MULTILINE)
        assert f"| {mean:.3f} ± {deviation:.3f} |" in line
