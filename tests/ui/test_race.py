"""The main journey: set a race up, start it, watch it, come back in mid-race, stop a run, read the results."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from workbench.methods import METHODS

FIVE = ("none", "full", "adapter", "prompt", "lora")
STEPS = 120  # enough to be seen, reloaded and stopped on a busy machine
POINTS = """() => [...document.querySelectorAll('.board-curves .plot')].map((plot) =>
    (plot.data ?? []).map((trace) => ({ run: trace.legendgroup, x: [...trace.x], y: [...trace.y] })))"""


def choose_methods(page: Page, wanted: tuple[str, ...]) -> None:
    """Tick and untick until just these are chosen."""
    shown = {name: method for name, method in METHODS.items() if method.taught}
    for name, method in shown.items():
        box = page.get_by_role("checkbox", name=method.title, exact=True)
        if box.is_checked() != (name in wanted):
            box.click()
    for name, method in shown.items():
        expect(page.get_by_role("checkbox", name=method.title, exact=True)).to_be_checked(checked=name in wanted)


def set_budget(page: Page) -> None:
    """Few steps, and evaluations that take no time."""
    page.get_by_label("steps", exact=True).fill(str(STEPS))
    page.get_by_label("batch size", exact=True).fill("4")
    page.get_by_label("evaluate every", exact=True).fill("5")
    page.get_by_text("More of the budget").click()
    page.get_by_label("evaluation examples", exact=True).fill("8")
    page.get_by_label("metric examples", exact=True).fill("4")


def start(page: Page) -> str:
    """Start the race; returns its id, which stands in the address."""
    page.get_by_role("button", name="Start the race").click()
    page.wait_for_url(re.compile(r"[?&]race="))
    expect(page.get_by_role("heading", name=f"{len(FIVE)} ways of tuning pocket-gpt on ")).to_be_visible()
    found = re.search(r"[?&]race=([\w-]+)", page.url)
    assert found
    return found.group(1)


def points(page: Page) -> dict[str, int]:
    """Training steps that each run's curve shows."""
    plots = page.evaluate(POINTS)
    return {trace["run"]: len(trace["x"]) for trace in plots[1]} if len(plots) > 1 else {}


def wait_for_points(page: Page, least: dict[str, int]) -> None:
    """Wait until the curves show so many steps of each run."""
    page.wait_for_function(
        f"(least) => {{ const [, plot] = ({POINTS})(); "
        "return plot && Object.entries(least).every(([run, count]) => "
        "plot.some((trace) => trace.run === run && trace.x.length >= count)); }",
        arg=least,
    )


def steps_in(server: Any, run: str) -> int:
    return sum(event["event"] == "stepped" for event in server.journal(run))


def by_method(server: Any, race: str, column: str) -> dict[str, Any]:
    return {row["method"]: row[column] for row in server.runs(race)}


def test_a_race_is_set_up_watched_reloaded_stopped_and_read(visit: Any, server: Any) -> None:
    page = visit()
    expect(page.get_by_role("tab")).to_have_text(["Race", "Compare", "Play", "Runs", "Learn"])
    choose_methods(page, FIVE)
    set_budget(page)
    expect(page.locator(".choice.chosen > .facts")).to_have_text([re.compile(r"^[\d.]+[KM]? numbers move \(")] * 5)
    expect(page.locator(".total")).to_contain_text(f"5 runs of {STEPS} steps")

    race = start(page)
    runs = by_method(server, race, "run")
    assert set(runs) == set(FIVE)
    learners = [run for method, run in runs.items() if method != "none"]
    wait_for_points(page, dict.fromkeys(learners, 1))
    page.reload()
    earlier = {run: steps_in(server, run) for run in learners}
    assert min(earlier.values()) < STEPS, "the race was over before the page came back"
    wait_for_points(page, earlier)
    page.get_by_role("button", name="Stop prompt", exact=True).click()

    expect(page.get_by_text("The race is over.")).to_be_visible()
    assert by_method(server, race, "state") == dict.fromkeys(FIVE, "finished") | {"prompt": "stopped"}
    expect(page.locator(".board-findings li").first).to_contain_text("lowest held-out loss")
    check_curves(page, server, runs)
    check_table(page, server, runs)
    check_samples(page, server, runs["lora"])


def check_curves(page: Page, server: Any, runs: dict[str, str]) -> None:
    """Every point of the journals is drawn, and none beside."""
    learners = {method: run for method, run in runs.items() if method != "none"}
    wait_for_points(page, {run: steps_in(server, run) for run in learners.values()})
    evaluated, trained = page.evaluate(POINTS)[:2]
    for run in learners.values():
        journal = server.journal(run)
        raw, smooth = (trace for trace in trained if trace["run"] == run)
        assert list(zip(raw["x"], raw["y"], strict=True)) == curve(journal, "stepped")
        assert smooth["x"] == raw["x"]
        (held_out,) = (trace for trace in evaluated if trace["run"] == run)
        assert list(zip(held_out["x"], held_out["y"], strict=True)) == curve(journal, "evaluated")
    (level,) = (trace for trace in evaluated if trace["run"] == runs["none"])
    assert set(level["y"]) == {loss for _, loss in curve(server.journal(runs["none"]), "evaluated")}


def curve(journal: list[dict[str, Any]], kind: str) -> list[tuple[int, float]]:
    return [(event["step"], event["loss"]) for event in journal if event["event"] == kind]


def check_table(page: Page, server: Any, runs: dict[str, str]) -> None:
    """The table has the journals' numbers."""
    for method, run in runs.items():
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=method, exact=True)).first
        loss = curve(server.journal(run), "evaluated")[-1][1]
        expect(row.get_by_role("cell").nth(2)).to_have_text(f"{loss:.3f}")


def check_samples(page: Page, server: Any, run: str) -> None:
    """What a run wrote last is there; the slider goes back to what it wrote before it learned."""
    written = [event for event in server.journal(run) if event["event"] == "sampled"]
    column = page.locator(".board-samples th", has_text="lora")
    expect(column).to_have_count(1)
    slider = page.get_by_label("step (time machine)")
    place = 1 + page.locator(".board-samples thead th").evaluate_all(
        "(heads) => heads.findIndex((head) => head.textContent === 'lora')"
    )
    shown = page.locator(f".board-samples tbody tr > :nth-child({place})")
    for key, event in (("End", written[-1]), ("Home", written[0])):
        slider.press(key)
        expect(page.locator(".board-samples output")).to_have_text(f"after step {event['step']}")
        expect(shown).to_have_text([sample["text"].strip() or "(nothing)" for sample in event["samples"]])
