"""The pages of Learn: one for each idea and method, with a race that can be run as it stands; the docs are they."""

from pathlib import Path
from urllib.parse import parse_qs

import pytest

from workbench.errors import ModelError
from workbench.ideas import IDEAS
from workbench.knobs import configure, knobs
from workbench.menu import figures, handbook, pages
from workbench.methods import METHODS
from workbench.models.catalog import find_card
from workbench.spec import Budget, RunSpec, parse_choice
from workbench.tasks import TASKS
from workbench.training.check import check

DOCS = Path(__file__).parents[2] / "docs"
EVERY = [*pages.idea_pages(), *pages.method_pages()]
NAMES = [page.name for page in EVERY]


def specs_of(page: pages.Page) -> list[RunSpec]:
    """The race of a page, read from its link as the set-up form reads it."""
    asked = parse_qs(pages.link(page.race).removeprefix("?"))
    turned = {name.removeprefix("b."): values[0] for name, values in asked.items() if name.startswith("b.")}
    budget = configure(Budget, turned, "budget")
    methods = [parse_choice(text) for text in asked["m"]]
    return [RunSpec(asked["model"][0], parse_choice(asked["task"][0]), method, budget=budget) for method in methods]


def test_there_is_a_page_for_each_idea_and_each_method_in_teaching_order() -> None:
    assert [*IDEAS, *METHODS] == NAMES
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", list(METHODS))
def test_a_method_s_page_has_its_own_texts_picture_and_knobs(name: str) -> None:
    page, method = EVERY[NAMES.index(name)], METHODS[name]
    assert {section.heading: section.text for section in page.sections}.items() >= {
        "The idea": method.idea,
        "Formula": method.formula,
        "When to use it": method.when,
        "What the paper found": method.finding,
        "Paper": method.paper,
    }.items()
    assert page.plain == method.plain
    assert page.picture and page.picture.label.startswith(f"{method.title} in pocket-gpt")
    assert [knob for knob, _, _ in page.knobs] == [knob.replace("_", " ") for knob in knobs(method)]


def test_what_moves_is_counted() -> None:
    texts = {page.name: page.sections[1].text for page in EVERY if page.kind == "method"}
    assert texts["none"] == "Nothing: all 3,057,024 numbers of pocket-gpt stay as they are."
    # rank 8 on seven matrices of six blocks: four of 192 x 192, three between 192 and 512
    moving = 6 * 8 * (4 * (192 + 192) + 3 * (192 + 512))
    assert texts["lora"].startswith(f"In pocket-gpt {moving:,} of {3_057_024 + moving:,} numbers move")


@pytest.mark.parametrize("page", EVERY, ids=NAMES)
def test_the_race_of_a_page_can_be_run(page: pages.Page) -> None:
    specs = specs_of(page)
    assert len(specs) >= 2
    assert page.invitation.startswith("Try it: race ") and page.invitation.count(" and ") >= 1
    for spec in specs:
        check(spec)
        configure(TASKS[spec.task.name], spec.task.knobs, spec.task.name)
        configure(METHODS[spec.method.name], spec.method.knobs, spec.method.name).anatomy(find_card(spec.model))


def test_the_command_of_a_race_is_its_link_for_the_terminal() -> None:
    rates, seeds = (EVERY[NAMES.index(name)].race for name in ("learning_rates", "seeds"))
    assert "&b.learning_rate=0.001" in pages.link(rates)
    assert pages.command(rates).endswith("-m prompt --budget learning_rate=0.001 --seed 0")
    assert pages.link(seeds) == "?model=pocket-gpt&task=instructions&m=full&m=lora&seeds=3"
    assert [line[-1] for line in pages.command(seeds).splitlines()] == ["0", "1", "2"]


def test_without_the_bundled_model_pages_have_all_but_their_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(model: str) -> None:
        raise ModelError(f"{model} is not here.")

    for module in (figures, pages):
        monkeypatch.setattr(module, "find_card", nothing)
    (page,) = (page for page in pages.method_pages() if page.name == "lora")
    assert page.picture is None
    assert [section.heading for section in page.sections][:2] == ["The idea", "Formula"]
    assert "<svg" not in handbook.as_markdown(page) and "![" not in handbook.as_markdown(page)


def test_the_documents_are_what_the_texts_give() -> None:
    files = handbook.documents()
    committed = {path: DOCS / path for path in files}
    stale = [
        path
        for path, file in committed.items()
        if not file.is_file() or file.read_text(encoding="utf-8") != files[path]
    ]
    assert stale == [], f"write them anew with: {handbook.COMMAND}"
    left = {f"pictures/{file.name}" for file in (DOCS / "pictures").glob("*.svg")} - set(files)
    assert left == set(), f"no page has these; remove them with: {handbook.COMMAND}"


def test_a_document_shows_signs_of_markdown_as_they_are() -> None:
    assert handbook.plain("a_b*c `d` <e> [f](g) | h") == r"a\_b\*c \`d\` \<e\> \[f\](g) \| h"
