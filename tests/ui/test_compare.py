"""Compare in a real browser: seeds, the front, sorting, samples, and what is taken away."""

import csv
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

METHODS = ("none", "full", "lora")
COSTS = {"time": "seconds", "memory": "MiB", "forgetting": "forgetting (nats", "parameters": "logarithmic"}
PICTURES = {
    "Learning curves": "learning-curves", "Quality against what it costs": "quality-against-parameters",
    "Forgetting": "forgetting", "Trainable parameters": "trainable-parameters",
}  # fmt: skip


@pytest.fixture(scope="module")
def seeds(server: Any, raced: str) -> Iterator[list[dict[str, Any]]]:
    """The runs of the finished race and of the same race from another seed, which is gone afterwards."""
    specs = [{**spec, "seed": 1} for spec in server.ask(f"/api/races/{raced}")["specs"]]
    other = server.ask("/api/races", specs)["race"]
    server.wait(other)
    yield [*server.runs(raced), *server.runs(other)]
    server.ask("/api/runs/delete", [row["run"] for row in server.runs(other)])


@pytest.fixture(scope="module")
def pirate(server: Any) -> Iterator[dict[str, Any]]:
    """A run of another task, which is gone afterwards."""
    (row,) = server.runs(server.race(("lora",), {"name": "pirate"}))
    yield row
    server.ask("/api/runs/delete", [row["run"]])


@pytest.fixture
def compared(visit: Any, show_tab: Any, server: Any) -> Iterator[Any]:
    """Open Compare with exactly these runs chosen; returns its panel. Names by which they are found last as long."""
    named = []

    def name(run: str, text: str) -> None:
        server.ask("/api/runs/label", {"run": run, "name": text})

    def open_tab(runs: list[dict[str, Any]], **how: Any) -> Any:
        for row in runs:
            name(row["run"], f"chosen {row['run']}")
            named.append(row["run"])
        page = visit(**how)
        panel = show_tab(page, "Compare")
        expect(panel.locator("#compare-curves .main-svg").first).to_be_visible()
        panel.get_by_title("Clear", exact=True).click()
        expect(panel.locator("table.sortable")).to_be_hidden()
        for row in runs:
            panel.get_by_role("combobox", name="Runs").fill(row["run"])
            panel.page.get_by_role("option").filter(has_text=row["run"]).click()
        panel.page.keyboard.press("Escape")
        expect(panel.locator('a[href*="/api/compare/table"]')).to_have_attribute(
            "href", re.compile("&".join(f"run={row['run']}" for row in runs) + "$")
        )
        return panel

    yield open_tab
    for run in named:
        name(run, "")


def first_column(panel: Any) -> list[str]:
    return [text.strip() for text in panel.locator("table.sortable tbody th").all_text_contents()]


def test_seeds_are_taken_together_with_mean_spread_and_number(compared: Any, seeds: list[dict[str, Any]]) -> None:
    panel = compared(seeds)
    assert first_column(panel) == list(METHODS)
    for method in METHODS:
        losses = [row["loss"] for row in seeds if row["method"] == method]
        line = panel.locator("table.sortable tbody tr").filter(has=panel.page.get_by_role("rowheader", name=method))
        expect(line).to_contain_text(f"{fmean(losses):.3f} ± {stdev(losses):.3f}")
    differing = panel.get_by_role("region", name="Where the set-ups differ")
    expect(differing.get_by_role("columnheader")).to_have_text(["run", "method", "seed"])
    expect(panel.locator("#compare-curves .legend")).to_contain_text("lora (mean of 2 seeds)")
    expect(panel.locator("#compare-curves .scatterlayer .js-fill[style*='fill-opacity: 0.2']")).to_have_count(2)
    expect(panel.locator(".js-plotly-plot")).to_have_count(len(PICTURES))
    expect(panel.get_by_text("one seed cannot tell")).to_have_count(0)


def test_one_seed_is_said_to_tell_nothing(compared: Any, seeds: list[dict[str, Any]]) -> None:
    panel = compared(seeds[:3])
    expect(panel.get_by_text("one seed cannot tell")).to_be_visible()
    expect(panel.get_by_role("columnheader", name="seeds")).to_have_count(0)


def test_the_table_is_sorted_by_number_with_the_keyboard_alone(compared: Any, seeds: list[dict[str, Any]]) -> None:
    panel = compared(seeds[:3])
    keyboard = panel.page.keyboard
    numbers = {"none": 0, "full": 100, "lora": 5.42}  # as texts 100 would stand before 5.42
    head = panel.get_by_role("columnheader", name="of all")
    head.get_by_role("button").focus()
    keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert first_column(panel) == sorted(METHODS, key=lambda name: numbers[name])
    keyboard.press("Space")
    expect(head).to_have_attribute("aria-sort", "descending")
    assert first_column(panel) == sorted(METHODS, key=lambda name: -numbers[name])
    assert panel.page.evaluate("document.activeElement.textContent").startswith("of all")

    speed = panel.get_by_role("columnheader", name="speed")
    for _ in range(2):
        speed.get_by_role("button").click()
        assert first_column(panel)[-1] == "none"  # it has no speed, so it stays at the end
    expect(head).not_to_have_attribute("aria-sort", re.compile("."))
    panel.get_by_role("columnheader", name="set-up").get_by_role("button").click()
    assert first_column(panel) == sorted(METHODS)


def test_quality_is_seen_against_each_cost_with_its_front(compared: Any, seeds: list[dict[str, Any]]) -> None:
    panel = compared(seeds)
    plot = panel.locator("#compare-quality")
    for cost, title in COSTS.items():
        panel.get_by_role("radio", name=cost, exact=True).check()
        expect(plot.locator(".xtitle")).to_contain_text(title)
        expect(panel.get_by_text("Filled markers and the stepped line are the Pareto front")).to_be_visible()
    figure = plot.locator(".js-plotly-plot").evaluate("plot => plot.data.map(({name, mode}) => [name, mode])")
    assert ["none", "lines"] in figure and ["lora", "markers"] in figure
    panel.get_by_role("radio", name="a swept setting", exact=True).check()
    expect(panel.get_by_text("several runs differ in one number alone")).to_be_visible()
    expect(plot.locator(".xtitle")).to_contain_text("setting")


def test_samples_stand_side_by_side(compared: Any, server: Any, seeds: list[dict[str, Any]]) -> None:
    runs = seeds[:3]
    panel = compared(runs)
    table = panel.get_by_role("region", name="Samples")
    expect(table.get_by_role("columnheader")).to_have_text(
        ["prompt", "answer in the data", "base model, untuned", *METHODS[1:]]
    )
    for place, row in enumerate(runs):  # the first is the base itself, untuned
        written = [event["samples"] for event in server.journal(row["run"]) if event["event"] == "sampled"][-1]
        cells = table.locator("tbody tr").first.get_by_role("cell")
        assert cells.nth(1 + place).inner_text().strip() == (written[0]["text"].strip() or "(nothing)")
        assert cells.first.inner_text().strip() == written[0]["target"].strip()


def test_runs_of_different_tasks_are_shown_and_not_ranked(
    compared: Any, seeds: list[dict[str, Any]], pirate: dict[str, Any]
) -> None:
    panel = compared([seeds[2], pirate])
    assert first_column(panel) == ["lora, describe", "lora, pirate"]
    expect(panel.get_by_text("These runs learned different tasks (describe, pirate)")).to_be_visible()
    expect(panel.get_by_text("they answered different prompts")).to_be_visible()
    expect(panel.get_by_role("region", name="Samples")).to_have_count(0)
    expect(panel.locator("#compare-quality .legend")).not_to_contain_text("Pareto front")


def test_numbers_and_report_of_the_chosen_runs_are_taken_away(
    compared: Any, seeds: list[dict[str, Any]], pirate: dict[str, Any], tmp_path: Path
) -> None:
    runs = [seeds[2], seeds[5], pirate]
    panel = compared(runs)
    table, report = tmp_path / "table.csv", tmp_path / "report.html"
    for name, file in (("CSV", table), ("HTML report", report)):
        with panel.page.expect_download() as taken:
            panel.get_by_role("link", name=name, exact=True).click()
        taken.value.save_as(file)
    with table.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["run"], float(row["held_out_loss"]), int(row["seed"]), row["task"]) for row in rows] == [
        (row["run"], row["loss"], row["seed"], row["task"]) for row in runs
    ]
    page = report.read_text(encoding="utf-8")
    assert "3 runs side by side" in page and "lora, describe (mean of 2 seeds)" in page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_picture_is_taken_away_as_a_png(
    compared: Any, seeds: list[dict[str, Any]], tmp_path: Path, scheme: str
) -> None:
    panel = compared(seeds[:3], scheme=scheme)
    for picture, name in PICTURES.items():
        with panel.page.expect_download() as taken:
            panel.get_by_role("button", name=f"PNG of {picture}").click()
        assert taken.value.suggested_filename == f"{name}.png"
        taken.value.save_as(tmp_path / name)
        content = (tmp_path / name).read_bytes()
        width, height = struct.unpack(">II", content[16:24])  # of the header chunk (PNG specification, section 11.2.2)
        assert content.startswith(b"\x89PNG") and width == 2000 and height > 400


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_seeds_of_two_tasks_fit_the_page_and_are_readable_for_all(
    compared: Any, seeds: list[dict[str, Any]], pirate: dict[str, Any], width: int, scheme: str
) -> None:
    panel = compared([*seeds, pirate], width=width, scheme=scheme)
    expect(panel.locator(".js-plotly-plot .main-svg").last).to_be_visible()
    page: Page = panel.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(fault["id"], [node["html"][:200] for node in fault["nodes"]]) for fault in found] == []
