"""Every tab and the board: readable for all, on a phone too, and silent towards the rest of the world."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

TABS = ("Race", "Compare", "Play", "Runs", "Learn")
PHONE = 390  # pixels


def show_board(page: Page, race: str) -> None:
    """Open a race that is over."""
    page.goto(page.url.split("?")[0] + f"?race={race}")
    expect(page.get_by_text("The race is over.")).to_be_visible()
    expect(page.locator(".board-curves .main-svg").first).to_be_visible()
    expect(page.locator(".board-findings li").first).to_be_visible()


def show_all(page: Page, tab: str, show_tab: Callable[[Page, str], Any]) -> None:
    """A tab with everything that it loads."""
    panel = show_tab(page, tab)
    if tab == "Race":
        expect(panel.get_by_text("numbers move").first).to_be_visible()
    elif tab == "Compare":
        expect(panel.locator(".js-plotly-plot .main-svg").last).to_be_visible()
    elif tab == "Runs":
        expect(panel.get_by_role("button", name="Rename").first).to_be_visible()


def grave(page: Page) -> list[str]:
    """What axe-core finds that is serious or critical: rule, element and why."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_tab_or_board_has_no_serious_fault_of_accessibility(
    visit: Any, show_tab: Any, raced: str, scheme: str
) -> None:
    page = visit(scheme=scheme)
    assert page.evaluate("document.body.classList.contains('dark')") == (scheme == "dark")
    faults = {}
    for tab in TABS:
        show_all(page, tab, show_tab)
        if tab == "Play":
            page.get_by_role("button", name="Write", exact=True).hover()  # its colours under the mouse count too
        faults[tab] = grave(page)
    show_board(page, raced)
    faults["board"] = grave(page)
    assert faults == dict.fromkeys((*TABS, "board"), [])


def test_what_is_unfolded_has_no_serious_fault_of_accessibility(visit: Any, complaints: Any) -> None:
    """Details, x-ray, the data and a wrong value, which a first look does not show."""
    complaints.allowed.add("422")
    page = visit("?model=pocket-gpt&task=describe&m=full&m=lora")
    for summary in page.locator("summary").all():
        summary.click()
    page.get_by_role("button", name="X-ray").last.click()
    page.get_by_role("button", name="See the data").click()
    page.locator("#budget-steps").fill("0")
    expect(page.locator(".xray")).to_be_visible()
    expect(page.locator(".tokens").first).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="Allowed is a whole number")).to_be_visible()
    assert grave(page) == []


def test_a_phone_shows_all_tabs_and_nothing_is_wider_than_it(visit: Any, show_tab: Any, raced: str) -> None:
    page = visit(width=PHONE)
    widths = {}
    for tab in TABS:
        show_all(page, tab, show_tab)
        widths[tab] = page.evaluate("document.documentElement.scrollWidth")
    show_board(page, raced)
    widths["board"] = page.evaluate("document.documentElement.scrollWidth")
    assert {name: width for name, width in widths.items() if width > PHONE} == {}


def test_a_home_without_runs_says_so(visit: Any, show_tab: Any) -> None:
    """The lists of a newcomer; the server's answer is put in place of one."""
    page = visit()
    page.route("**/api/runs", lambda route: route.fulfill(json=[]))
    panel = show_tab(page, "Runs")
    expect(panel.get_by_text("There are no runs yet. Start a race.")).to_be_visible()


def test_an_unknown_race_is_told_and_left_by_a_button(visit: Any, complaints: Any) -> None:
    complaints.allowed.add("404")
    page = visit("?race=20200101-000000-race-0000")
    expect(page.get_by_role("alert").filter(has_text="There is no race")).to_be_visible()
    page.get_by_role("button", name="Set up a race").click()
    expect(page.get_by_role("button", name="Start the race")).to_be_visible()
