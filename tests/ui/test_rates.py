"""Find a rate: curves of the methods that train, a rate to try, and its way into the budget."""

import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

GRAVE = ("serious", "critical")


def test_a_rate_is_found_drawn_and_used(visit: Any) -> None:
    page = visit("?model=pocket-gpt-nano&m=none&m=full&m=lora:rank=2&b.batch_size=4")
    button = page.get_by_role("button", name="Find a rate")
    expect(page.locator(".choice.method.chosen .facts").last).to_contain_text("learning rate")
    button.click()
    expect(page.get_by_text("Ring: the rate to try")).to_be_visible()
    expect(button).to_be_enabled()
    table = page.get_by_role("region", name="Learning rates")
    expect(table.locator("tbody tr")).to_have_count(2)  # none trains nothing
    names = page.evaluate("[...document.querySelectorAll('.js-plotly-plot')].at(-1).data.map((trace) => trace.mode)")
    assert names == ["lines", "markers", "lines", "markers"]
    use = table.get_by_role("button", name="for the race").first
    rate = re.search(r"\d[\d.e-]*", use.get_attribute("aria-label") or "")
    use.click()
    expect(page.locator("#budget-learning_rate")).to_be_focused()
    assert rate and page.locator("#budget-learning_rate").input_value() == rate.group()
    assert f"b.learning_rate={rate.group()}" in page.url


def test_the_losses_of_a_head_are_per_answer(visit: Any) -> None:
    page = visit("?model=pocket-gpt-nano&task=feelings&objective=classification&m=feature_based&b.batch_size=2")
    expect(page.locator(".choice.method.chosen .facts").last).to_contain_text("learning rate")
    page.get_by_role("button", name="Find a rate").click()
    expect(page.locator(".ytitle")).to_have_text(["nats per answer"])


def test_a_locked_budget_shows_rates_and_changes_none(visit: Any) -> None:
    page = visit("?model=pocket-gpt-nano&m=full&b.batch_size=2&lock=budget")
    expect(page.locator(".choice.method.chosen .facts").last).to_contain_text("learning rate")
    page.get_by_role("button", name="Find a rate").click()
    expect(page.get_by_role("region", name="Learning rates").locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("button", name="for the race")).to_have_count(0)
    expect(page.get_by_text("Ring: the rate to try")).to_be_visible()
    assert [fault["id"] for fault in Axe().run(page).response["violations"] if fault["impact"] in GRAVE] == []


def test_what_cannot_be_tested_is_one_sentence(visit: Any, complaints: Any) -> None:
    complaints.allowed.add("422")
    page = visit("?model=pocket-gpt-nano&m=autoprompt")
    expect(page.locator(".choice.method.chosen .facts").last).to_contain_text("numbers move")
    page.get_by_role("button", name="Find a rate").click()
    expect(page.get_by_text("No rate was found.")).to_be_visible()
