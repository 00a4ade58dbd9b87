"""The queue on the Runs tab: what goes, what waits and in which place, and of others no more than how many."""

import json
import re
import time
from typing import Any

from playwright.sync_api import expect


def test_the_queue_tells_what_goes_and_what_waits_and_moves_by_itself(
    visit: Any, show_tab: Any, server: Any, queued: tuple[str, str]
) -> None:
    page = visit()
    panel = show_tab(page, "Runs")
    going, waiting = panel.locator(".queue li").nth(0), panel.locator(".queue li").nth(1)
    expect(going).to_contain_text(re.compile(r"Running: \d runs? of pocket-gpt on describe \(.*full\)"))
    expect(waiting).to_contain_text("Place 1: 1 run of pocket-gpt on describe (lora).")
    expect(panel.get_by_text("in the order in which they were started")).to_be_visible()
    full = panel.get_by_role("row").filter(has_text=re.compile(r"running, \d+ / 4000"))
    expect(full).to_have_count(1)
    first = full.locator(".state").inner_text()
    rename = full.get_by_role("button", name="Rename full, seed 0")
    rename.click()
    page.keyboard.type("being writ")
    expect(full.locator(".state")).not_to_have_text(first)  # it moves, and who writes is not disturbed
    page.keyboard.type("ten")
    expect(full.get_by_role("textbox")).to_have_value("being written")
    page.keyboard.press("Escape")

    waiting.get_by_role("button", name="Leave the queue").click()
    expect(panel.locator(".queue li")).to_have_count(1)
    expect(panel.get_by_text("It has left the queue.")).to_be_focused()
    assert [row["state"] for row in server.runs(queued[1])] == ["stopped"]
    going.get_by_role("button", name="Stop").click()
    expect(panel.get_by_role("heading", name="Queue")).to_have_count(0)
    assert [row["state"] for row in server.runs(queued[0]) if row["method"] == "full"] == ["stopped"]


def test_the_tab_asks_seldom_and_only_while_it_is_seen(visit: Any, show_tab: Any, queued: tuple[str, str]) -> None:
    page = visit()
    asked: list[float] = []
    page.on("request", lambda request: "/api/queue" in request.url and asked.append(time.monotonic()))
    show_tab(page, "Runs")
    page.wait_for_timeout(10_000)
    assert 2 <= len(asked) <= 6  # when it is shown, then every three seconds
    assert asked[-1] - asked[-2] > 2.5
    show_tab(page, "Race")
    page.wait_for_timeout(500)
    asked.clear()
    page.wait_for_timeout(7000)
    assert asked == []


CLASS = {"is_shared": True, "is_warm": True, "runs": [], "going": {"race": None, "runs": []}, "others_waiting": 3}


def test_races_of_others_are_counted_and_never_named(visit: Any, show_tab: Any, server: Any, raced: str) -> None:
    """What a pupil of a class sees; tests/server/test_queue.py holds the server to that answer."""
    runs = [row["run"] for row in server.runs(raced)]
    part = {"race": raced, "runs": runs, "place": 3, "others_before": 2}
    answers = iter([CLASS | {"waiting": [part]}, CLASS | {"waiting": [], "others_waiting": 1}])
    page = visit()
    page.route("**/api/queue", lambda route: route.fulfill(body=json.dumps(next(answers))))
    panel = show_tab(page, "Runs")
    expect(panel.locator(".queue li")).to_contain_text("Place 3: 3 runs of pocket-gpt on describe")
    expect(panel.locator(".queue li")).to_contain_text("2 races of others are before yours.")
    expect(panel.get_by_text("A race of somebody else is running. 3 races of others wait in all.")).to_be_visible()
    expect(panel.get_by_text("Owners take turns")).to_be_visible()
    panel.get_by_role("button", name="Refresh").click()
    expect(panel.get_by_text("1 race of others waits in all.")).to_be_visible()
    expect(panel.locator(".queue li")).to_have_count(0)
    page.unroute("**/api/queue")
    panel.get_by_role("button", name="Refresh").click()
    expect(panel.get_by_role("heading", name="Queue")).to_have_count(0)
