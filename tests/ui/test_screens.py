"""Pictures of every tab for the docs, made anew where WORKBENCH_SCREENSHOTS=1 asks for them."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

SCREENS = Path(__file__).parents[2] / "docs" / "screens"
METHODS = ("none", "full", "adapter", "prompt", "lora")

pytestmark = pytest.mark.skipif(
    os.environ.get("WORKBENCH_SCREENSHOTS") != "1", reason="WORKBENCH_SCREENSHOTS=1 makes new pictures"
)


@pytest.fixture(scope="module")
def real_race(server: Any) -> str:
    """A race of the length that the form proposes."""
    budget = {"steps": 150, "batch_size": 8, "examples": 0, "evaluation_examples": 64, "metric_examples": 64}
    race = server.ask(
        "/api/races",
        [{"task": {"name": "describe"}, "method": {"name": name}, "budget": budget} for name in METHODS],
    )["race"]
    server.wait(race, seconds=1200)
    return str(race)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_tab_has_its_picture(
    visit: Any, show_tab: Any, wait_until_written: Any, real_race: str, width: int, scheme: str
) -> None:
    page = visit(width=width, scheme=scheme)
    expect(page.get_by_text("numbers move").first).to_be_visible()
    take(page, "race", width, scheme)
    panel = show_tab(page, "Compare")
    expect(panel.locator(".js-plotly-plot .main-svg").last).to_be_visible()
    take(page, "compare", width, scheme)
    panel = show_tab(page, "Play")
    panel.get_by_role("combobox", name="Runs").click()
    page.get_by_role("option").filter(has_text="lora").first.click()
    page.keyboard.press("Escape")
    panel.get_by_role("button", name="Write", exact=True).click()
    expect(panel.get_by_role("textbox", name="lora, describe")).not_to_have_value("")
    wait_until_written(page)
    take(page, "play", width, scheme)
    expect(show_tab(page, "Runs").get_by_role("button", name=re.compile("^Rename")).first).to_be_visible()
    take(page, "runs", width, scheme)
    show_tab(page, "Learn")
    take(page, "learn", width, scheme)
    page.goto(page.url.split("?")[0] + f"?race={real_race}")
    expect(page.get_by_text("The race is over.")).to_be_visible()
    expect(page.locator(".board-curves .main-svg").last).to_be_visible()
    expect(page.locator(".board-findings li").first).to_be_visible()
    take(page, "board", width, scheme)


def take(page: Page, name: str, width: int, scheme: str) -> None:
    """Save the whole page."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}-{width}-{scheme}.png", full_page=True, animations="disabled")
