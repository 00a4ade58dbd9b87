"""The same start without a mouse: every stop can be seen, everything can be done."""

import re
from typing import Any

from playwright.sync_api import Page, expect

MOST_STOPS = 250
HERE = """() => {
    const element = document.activeElement, style = getComputedStyle(element);
    const name = element.getAttribute('aria-label') ?? (element.labels?.[0] ?? element).textContent;
    return { id: element.id, name: name.trim(), tag: element.tagName,
        outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth) };
}"""


def go_to(page: Page, key: str = "Tab", **wanted: str) -> None:
    """Press Tab until the focus is where it is wanted; whatever it passes shows that it has it."""
    for _ in range(MOST_STOPS):
        page.keyboard.press(key)
        stop = page.evaluate(HERE)
        if stop["tag"] != "BODY":
            assert stop["outline"] >= 2, f"the focus cannot be seen on {stop}"
        if all(re.fullmatch(value, stop[name]) for name, value in wanted.items()):
            return
    raise AssertionError(f"no key leads to {wanted}")


def test_a_race_is_set_up_started_and_stopped_by_keyboard_alone(visit: Any, server: Any) -> None:
    page = visit(
        "?model=pocket-gpt&task=describe&m=none&m=full&b.batch_size=4&b.evaluation_examples=8&b.metric_examples=4"
    )
    go_to(page, id="task-describe")
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate("document.activeElement.value")
    assert chosen not in (None, "describe"), "the focus is lost"
    expect(page.locator(f"#task-{chosen}")).to_be_checked()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#task-describe")).to_be_checked()

    go_to(page, id="method-full-0")
    page.keyboard.press("Space")
    expect(page.locator("#method-full-0")).not_to_be_checked()
    go_to(page, id="method-lora-0")
    page.keyboard.press("Space")
    expect(page.locator("#method-lora-0")).to_be_checked()
    expect(page.locator("#method-lora-0")).to_be_focused()
    go_to(page, id="budget-steps")
    page.keyboard.press("Control+a")
    page.keyboard.type("400")
    go_to(page, name="Start the race")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile("race="))
    expect(page.get_by_role("button", name="Stop all")).to_be_visible()
    go_to(page, name="Stop all")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The race is over.")).to_be_visible()
    runs = server.runs(re.search(r"race=([\w-]+)", page.url).group(1))
    assert [(run["method"], run["state"]) for run in runs if run["method"] != "none"] == [("lora", "stopped")]


def test_tabs_are_changed_by_keyboard_and_every_stop_on_them_is_seen(visit: Any, raced: str) -> None:
    page = visit()
    go_to(page, name="Play")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Write", exact=True)).to_be_visible()
    go_to(page, name="Write")
    go_to(page, name="Runs", tag="BUTTON")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Find")).to_be_visible()
    go_to(page, id="run-search")


def test_a_part_of_the_x_ray_is_told_when_it_gets_the_focus(visit: Any) -> None:
    page = visit("?model=pocket-gpt&task=describe&m=lora")
    expect(page.get_by_text("numbers move")).to_be_visible()
    go_to(page, name="X-ray")
    page.keyboard.press("Enter")
    expect(page.locator(".xray")).to_be_visible()
    go_to(page, name=".*query: .*numbers move.*")
    expect(page.locator(".told")).to_contain_text("numbers move")
