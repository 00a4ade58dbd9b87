"""Learn: every page is there, can be linked to, looks right for all, and lets nobody write markup."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from workbench.ideas import IDEAS
from workbench.ideas.contract import Race
from workbench.menu.pages import Page as LearnPage
from workbench.menu.pages import Section
from workbench.methods import METHODS
from workbench.ui.learn import written

SHOW = "id => document.querySelectorAll('.learn > *').forEach((part) => { part.hidden = part.id !== id })"


def open_learn(page: Page, name: str) -> Any:
    """Open the address of a page of Learn; returns the page's article."""
    page.goto(page.url.split("?")[0] + f"?learn={name}")
    article = page.locator(f"#learn-{name}")
    expect(article).to_be_visible()
    return article


def grave(page: Page) -> list[str]:
    """Serious and critical faults that axe-core finds."""
    found = Axe().run(page).response["violations"]
    return [f"{fault['id']}: {fault['nodes']}" for fault in found if fault["impact"] in ("serious", "critical")]


def test_a_page_is_opened_by_its_address_and_shows_picture_texts_and_knobs(visit: Any) -> None:
    article = open_learn(visit(), "lora")
    expect(article.get_by_role("heading", level=2)).to_have_text("LoRA")
    expect(article.get_by_role("img", name=re.compile("^LoRA in pocket-gpt. What moves: "))).to_be_visible()
    for heading in ("The idea", "What moves", "Formula", "When to use it", "What the paper found", "Paper", "Knobs"):
        expect(article.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(article).to_contain_text(METHODS["lora"].when)
    expect(article).to_contain_text(METHODS["lora"].finding)
    expect(article.get_by_role("row", name=re.compile("^rank 8 "))).to_be_visible()
    expect(article.page.locator(".learn > :visible")).to_have_count(1)


def test_try_it_opens_a_race_that_is_set_up(visit: Any) -> None:
    page = visit()
    open_learn(page, "learning_rates").get_by_role("link", name=re.compile("^Try it: race ")).click()
    expect(page.get_by_role("button", name="Start the race")).to_be_visible()
    expect(page.locator(".choice.chosen .title")).to_have_text(["Full fine-tuning", "BitFit", "Prompt tuning", "LoRA"])
    page.wait_for_function("new URLSearchParams(location.search).get('b.learning_rate') === '0.001'")


def test_the_list_leads_to_every_page_and_back(visit: Any, show_tab: Any) -> None:
    page = visit()
    panel = show_tab(page, "Learn")
    expect(panel.locator(".learn-home a")).to_have_count(len(IDEAS) + len(METHODS))
    for name in ("low_rank", "ia3"):
        panel.locator(f'.learn-home a[href="?learn={name}"]').click()
        expect(panel.locator(f"#learn-{name} h2")).to_be_focused()
        assert parse_qs(urlsplit(page.url).query)["learn"] == [name]
        panel.get_by_role("link", name="All pages").click()
        expect(panel.locator(f'.learn-home a[href="?learn={name}"]')).to_be_focused()
    last = list(METHODS)[-1]
    panel.locator(f'.learn-home a[href="?learn={last}"]').click()
    panel.locator(f"#learn-{last}").get_by_role("link", name="A head start").click()
    expect(panel.locator("#learn-transfer")).to_be_visible()


def test_a_link_to_a_page_keeps_the_set_up_and_going_back_returns_to_it(visit: Any, show_tab: Any) -> None:
    page = visit("?model=pocket-gpt&task=feelings&m=bitfit")
    page.wait_for_url(re.compile("m=bitfit"))
    show_tab(page, "Learn")
    page.locator('.learn-home a[href="?learn=bitfit"]').click()
    expect(page.locator("#learn-bitfit")).to_be_visible()
    page.locator("#method-lora-0").evaluate("box => { box.dataset.same = 'yes' }")
    page.go_back()
    expect(page.locator("#method-bitfit-0")).to_be_visible()
    expect(page.locator("#method-lora-0[data-same=yes]")).to_be_visible()  # the form was not drawn anew
    page.go_forward()
    expect(page.locator("#learn-bitfit")).to_be_visible()
    page.get_by_role("tab", name="Race", exact=True).click()
    asked = parse_qs(urlsplit(page.url).query)
    assert (asked["m"], asked["task"], "learn" in asked) == (["bitfit"], ["feelings"], False)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_no_serious_fault_of_accessibility(visit: Any, scheme: str) -> None:
    page = visit(scheme=scheme)
    faults = {}
    for name in ("lora", "memory", "prompt"):
        open_learn(page, name)
        faults[name] = grave(page)
    assert faults == dict.fromkeys(faults, [])


def test_no_page_is_wider_than_a_phone(visit: Any) -> None:
    page = visit(width=390)
    open_learn(page, "lora")
    widths = {}
    for name in (*IDEAS, *METHODS):
        page.evaluate(SHOW, f"learn-{name}")
        expect(page.locator(f"#learn-{name}")).to_be_visible()
        widths[name] = page.evaluate("document.documentElement.scrollWidth")
    assert {name: width for name, width in widths.items() if width > 390} == {}


class Tags(HTMLParser):
    """The names of all elements, and all their attributes' names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes.update(name for name, _ in attributes)


def test_no_text_of_a_page_becomes_markup(hostile: tuple[str, ...]) -> None:
    for text in hostile:
        sections = (Section(text, text), Section(text, text, is_formula=True))
        knobs = ((text, text, text),)
        page = LearnPage(text, "idea", text, text, text, None, text, sections, knobs, Race(("full", "lora"), text))
        tags = Tags()
        tags.feed(written([page], [page]))
        assert not tags.found & {"img", "script", "svg"}
        assert not {name for name in tags.attributes if name.startswith("on")}
