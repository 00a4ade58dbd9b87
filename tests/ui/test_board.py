"""What the set-up tells before a race, and what can be done with a race's board when it is over."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

SHORT = "&b.steps=4&b.examples=32&b.batch_size=4&b.evaluation_examples=8&b.metric_examples=4"
TIME = re.compile(r"about (\d+:)?\d+:\d\d min:s on this machine")


def test_a_race_tells_time_and_memory_before_it_starts(visit: Any, raced: str) -> None:
    page = visit(f"?m=full&m=lora{SHORT}")
    total = page.locator(".total")
    expect(total).to_contain_text("2 runs of 4 steps")
    expect(total).to_contain_text(TIME)
    expect(total).to_contain_text(re.compile(r"about [\d.]+ MiB of memory .*, [\d.]+ GiB are free"))
    page.locator("#seeds").fill("3")
    expect(total).to_contain_text("6 runs of 4 steps")


@pytest.mark.parametrize("width", [1280, 390])
def test_an_x_ray_has_its_notes_below_it_while_they_hold(visit: Any, width: int) -> None:
    page = visit("?m=prefix", width=width)
    note = page.get_by_text("The network is dropped after training; its output is kept.")
    expect(page.locator(".choice.method.chosen .facts")).to_contain_text("numbers move")
    expect(note).to_be_hidden()
    page.get_by_role("button", name="X-ray").click()
    expect(note).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#method-prefix-0-reparameterize").uncheck()
    expect(note).to_have_count(0)
    expect(page.locator(".xray")).to_be_visible()


def test_what_does_not_fit_into_memory_is_told_with_what_to_turn(visit: Any) -> None:
    page = visit("?model=gpt2&m=full&b.batch_size=4096")
    expect(page.locator(".total .problem")).to_contain_text(
        re.compile(r"needs about [\d.]+ GiB of memory, and [\d.]+ GiB are free\. Take a smaller batch_size")
    )


def test_tasks_show_examples_and_models_whether_they_are_here(visit: Any) -> None:
    page = visit("?task=pirate")
    rows = page.get_by_role("region", name="Examples of Pirate talk").get_by_role("row")
    expect(rows).to_have_count(4)
    page.get_by_role("radio", name="Feelings").check()
    expect(page.get_by_role("region", name="Examples of Feelings")).to_be_visible()
    page.get_by_text("More models").click()
    expect(page.locator("label", has=page.locator("#model-gpt2")).locator(".facts")).to_contain_text(
        re.compile("download, |on this machine")
    )


def row_of(page: Page, label: str) -> Locator:
    return page.locator(".board-table").get_by_role("row", name=re.compile(f"^{label}"))


def over(page: Page) -> None:
    expect(page.get_by_text("The race is over.")).to_be_visible()


def test_the_curves_come_though_plotly_comes_last(visit: Any, server: Any, raced: str) -> None:
    page, held = visit(), []
    page.route("**/plotly-*.min.js", lambda route: held.append(route))
    page.goto(f"{server.address}/?race={raced}", wait_until="commit")
    over(page)
    expect(page.locator(".board-findings li").first).to_be_visible()
    assert page.locator(".board-curves .main-svg").count() == 0
    held[0].continue_()
    expect(page.locator(".board-curves .main-svg").first).to_be_visible()


def test_a_race_that_is_over_trains_longer(visit: Any, server: Any) -> None:
    race = server.race(("none", "lora"), {"name": "feelings"})
    page = visit(f"?race={race}")
    over(page)
    page.get_by_label("Steps to add").fill("3")
    page.get_by_role("button", name="Train longer").click()
    expect(row_of(page, "lora")).to_contain_text("7 / 7")
    over(page)
    base, lora = server.runs(race)
    assert (base["state"], lora["state"], lora["step"]) == ("finished", "finished", 7)
    steps = [event["step"] for event in server.journal(lora["run"]) if event["event"] == "stepped"]
    assert steps == [1, 2, 3, 4, 5, 6, 7]


def test_one_run_is_raced_again_with_a_knob_turned(visit: Any, raced: str) -> None:
    page = visit(f"?race={raced}")
    page.get_by_role("button", name="Race lora again with another knob").click()
    expect(page.get_by_role("checkbox", name="LoRA", exact=True)).to_be_checked()
    expect(page.get_by_role("checkbox", name="Full fine-tuning", exact=True)).not_to_be_checked()
    expect(page.locator("#budget-steps")).to_have_value("4")
    page.locator("#method-lora-0-rank").fill("2")  # its knobs are unfolded
    page.wait_for_url(re.compile("rank%3D2"))


def test_every_run_shows_its_progress_and_memory_beside_the_prediction(visit: Any, raced: str) -> None:
    page = visit(f"?race={raced}")
    over(page)
    row = row_of(page, "lora")
    expect(row).to_contain_text(re.compile(r"[\d.]+ MiB \([\d.]+ MiB\)"))
    expect(row.get_by_role("progressbar", name="Progress of lora")).to_have_js_property("value", 1)


def test_races_of_several_seeds_are_linked(visit: Any, server: Any) -> None:
    page = visit(f"?m=none&seeds=2{SHORT}")
    page.get_by_role("button", name="Start the race").click()
    page.wait_for_url(re.compile(r"[?&]also="))
    over(page)
    page.get_by_text("One race for each of 2 seeds").get_by_role("link", name="2").click()
    over(page)
    races = parse_qs(urlsplit(page.url).query)
    assert races["race"][0] == races["also"][0].split(",")[1]
    assert {run["seed"] for race in races["also"][0].split(",") for run in server.runs(race)} == {0, 1}


def test_predictions_are_scored_by_what_was_measured(visit: Any, server: Any) -> None:
    page = visit(f"?m=full&m=lora&predict=1{SHORT}")
    expect(page.locator(".method.chosen .facts").first).to_contain_text("numbers move")
    page.get_by_role("button", name="Start the race").click()
    page.get_by_label("lowest held-out loss").select_option("lora")
    page.get_by_label("forgets most").select_option("full")
    page.get_by_label("What percentage").fill("5.5")
    page.locator("form").get_by_role("button", name="Start the race").click()
    page.wait_for_url(re.compile(r"[?&]race="))
    over(page)
    race = re.search(r"race=([\w-]+)", page.url)
    assert race
    rows = {row["method"]: row for row in server.runs(race.group(1))}
    best = min(rows, key=lambda method: rows[method]["loss"])
    lines = page.get_by_role("listitem")
    verdict = "Right" if best == "lora" else "Not so"
    expect(lines.filter(has_text="lowest loss")).to_have_text(
        f"{verdict}: you expected lora to reach the lowest loss; it was {best}."
    )
    expect(lines.filter(has_text="of all numbers")).to_contain_text(
        re.compile("^Right: you said that lora moves 5.5 %")
    )
    expect(lines.filter(has_text="forget most").first).to_contain_text(re.compile("^(Right|Not so): you expected full"))
