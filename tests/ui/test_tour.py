"""The tour of a first visit: it comes once, can be left at every step, and is in nobody's way."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

STEPS = 5


def card(page: Page) -> Locator:
    """The tour's card."""
    return page.get_by_role("dialog")


def is_step(page: Page, number: int) -> None:
    """The card is at this step, has the focus, points at something, and covers nothing of it."""
    expect(card(page)).to_contain_text(f"{number} of {STEPS}: ")
    expect(card(page).locator(".primary")).to_be_focused()
    expect(page.locator(".toured").first).to_be_visible()
    own = card(page).bounding_box()
    assert own and own["x"] >= 0 and own["x"] + own["width"] <= page.evaluate("innerWidth")
    assert -1 <= own["y"] <= page.evaluate("innerHeight") - own["height"] + 1
    for control in page.locator(".toured").all():
        box = control.bounding_box()
        assert box and (box["y"] >= own["y"] + own["height"] or box["y"] + box["height"] <= own["y"])


@pytest.mark.parametrize("width", [1280, 390])
def test_it_points_at_the_real_controls_in_five_steps_by_keyboard_alone(visit: Any, width: int) -> None:
    page = visit(tour=True, width=width)
    is_step(page, 1)
    assert {"Base model", "Task"} == {box.get_attribute("aria-label") for box in page.locator(".toured").all()}
    for number in range(2, STEPS + 1):
        page.keyboard.press("Enter")
        is_step(page, number)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if number == 3:
            expect(page.locator(".toured").first).to_have_text("X-ray")
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")  # back, and on again
            is_step(page, 2)
            page.keyboard.press("Enter")
            is_step(page, 3)
        if number == 4:
            expect(page.locator(".toured")).to_have_text("Start the race")
    expect(page.locator(".toured")).to_have_role("tablist")
    page.keyboard.press("Enter")
    expect(card(page)).to_have_count(0)
    expect(page.locator(".toured")).to_have_count(0)


@pytest.mark.parametrize("steps", range(STEPS))
def test_escape_ends_it_at_every_step_and_the_focus_stays_near(visit: Any, steps: int) -> None:
    page = visit(tour=True)
    for _ in range(steps):
        card(page).locator(".primary").click()
    is_step(page, steps + 1)
    page.keyboard.press("Escape")
    expect(card(page)).to_have_count(0)
    expect(page.locator(".toured")).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body")


def test_it_comes_once_and_again_when_it_is_asked_for(visit: Any, show_tab: Any) -> None:
    page = visit(tour=True)
    expect(card(page)).to_be_visible()
    card(page).get_by_role("button", name="Skip the tour").click()
    expect(card(page)).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Start the race")).to_be_visible()
    expect(card(page)).to_have_count(0)
    panel = show_tab(page, "Learn")
    expect(panel.locator(".learn-steps li")).to_have_count(STEPS)
    panel.get_by_role("button", name="Show the tour again").click()
    is_step(page, 1)


def test_from_a_board_it_is_shown_on_a_fresh_set_up(visit: Any, show_tab: Any, raced: str) -> None:
    page = visit(f"?race={raced}", tour=True)
    expect(page.get_by_text("The race is over.")).to_be_visible()
    expect(card(page)).to_have_count(0)
    show_tab(page, "Learn").get_by_role("button", name="Show the tour again").click()
    is_step(page, 1)


def test_it_does_not_come_where_the_address_asks_for_something_else(visit: Any) -> None:
    page = visit("?tour=off", tour=True)
    expect(page.get_by_text("numbers move").first).to_be_visible()
    expect(card(page)).to_have_count(0)
    page.reload()  # the address keeps it
    expect(page.get_by_text("numbers move").first).to_be_visible()
    expect(card(page)).to_have_count(0)
    page.goto(page.url.split("?")[0] + "?learn=lora")
    expect(page.locator("#learn-lora")).to_be_visible()
    expect(card(page)).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_who_ignores_it_sets_up_and_starts_a_race(visit: Any, width: int) -> None:
    page = visit("?m=none&b.steps=1", tour=True, width=width)
    card(page).locator(".primary").click()
    page.get_by_role("checkbox", name="BitFit", exact=True).click()
    expect(page.locator("#method-bitfit-0")).to_be_checked()
    expect(page.locator(".choices.methods.toured")).to_be_visible()  # the form drew its cards anew
    page.get_by_role("checkbox", name="BitFit", exact=True).click()
    page.get_by_role("button", name="Start the race").click()
    expect(page.get_by_text("The race is over.")).to_be_visible()
    expect(card(page)).to_have_count(0)
    expect(page.locator(".toured")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_with_the_tour_has_no_serious_fault_of_accessibility(visit: Any, scheme: str) -> None:
    page = visit(tour=True, scheme=scheme)
    faults = []
    for number in range(1, STEPS + 1):
        is_step(page, number)
        found = Axe().run(page).response["violations"]
        faults += [(number, fault) for fault in found if fault["impact"] in ("serious", "critical")]
        card(page).locator(".primary").click()
    assert faults == []
