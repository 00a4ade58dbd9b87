"""Texts that would do something if a page took them for markup, a template or a script are shown as they are."""

import csv
import io
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

METHODS = ("none", "bitfit", "ia3", "lora", "adapter", "prompt", "last_layers")  # a run for each text
FILE = "<img src=x onerror=window.hacked=1>.csv"


@pytest.fixture(scope="module")
def table(hostile: tuple[str, ...]) -> bytes:
    """A data file whose prompts and targets are such texts."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["prompt", "target"])
    for number in range(6):
        writer.writerows([f"{number} {text}", f"{text} {number}"] for text in hostile)
    return file.getvalue().encode()


@pytest.fixture(scope="module")
def hostile_race(server: Any, hostile: tuple[str, ...], table: bytes) -> str:
    """A race on that file whose runs bear such names and tags."""
    path = server.ask("/api/files?name=bad.csv", table)["path"]
    knobs = {"path": path, "prompt_column": "prompt", "target_column": "target"}
    race = server.race(METHODS, {"name": "own_file", "knobs": knobs}, steps=1)
    for row, text in zip(server.runs(race), hostile, strict=True):
        tag = text.replace("window.", "")[:30]
        server.ask("/api/runs/label", {"run": row["run"], "name": text, "tags": [tag]})
    return str(race)


def told_as_text(page: Page, texts: tuple[str, ...]) -> None:
    """Each text stands on the page letter by letter, and none did anything."""
    for text in texts:
        expect(page.locator("body")).to_contain_text(re.compile(re.escape(visible(text))))
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src='x'], svg[onload], a[href^='javascript']").count() == 0


def visible(text: str) -> str:
    """Without the escape character, for which a page may show a sign of its own."""
    return text.replace("\x1b", "")


def test_names_and_tags_are_text_in_runs_compare_and_play(
    visit: Any, show_tab: Any, hostile: tuple[str, ...], hostile_race: str
) -> None:
    page = visit()
    show_tab(page, "Runs")
    told_as_text(page, hostile)
    panel = show_tab(page, "Compare")
    expect(panel.locator(".js-plotly-plot .main-svg").last).to_be_visible()
    told_as_text(page, hostile)
    panel = show_tab(page, "Play")
    panel.get_by_role("combobox", name="Runs").click()
    expect(page.get_by_role("option").first).to_be_visible()
    told_as_text(page, hostile)


def test_samples_are_text_in_compare(visit: Any, show_tab: Any, server: Any, hostile_race: str) -> None:
    page = visit()
    table = show_tab(page, "Compare").get_by_role("region", name="Samples")
    expect(table.get_by_role("rowheader").first).to_be_visible()
    journal = server.journal(server.runs(hostile_race)[0]["run"])
    prompts = next(event["samples"] for event in journal if event["event"] == "sampled")
    assert table.get_by_role("rowheader").all_inner_texts() == [
        visible(sample["prompt"]).replace("[31m", "").strip() for sample in prompts
    ]
    told_as_text(page, ())


def test_samples_and_answers_are_text_on_the_board(visit: Any, server: Any, hostile_race: str) -> None:
    page = visit(f"?race={hostile_race}")
    expect(page.get_by_text("The race is over.")).to_be_visible()
    journal = server.journal(server.runs(hostile_race)[0]["run"])
    samples = next(event["samples"] for event in journal if event["event"] == "sampled")
    assert samples
    told_as_text(page, tuple(sample[part].strip() for sample in samples for part in ("prompt", "target")))


def test_a_file_and_its_name_are_text_where_the_data_is_shown(
    visit: Any, hostile: tuple[str, ...], table: bytes
) -> None:
    page = visit("?task=own_file&m=none")
    page.locator("#own-file").set_input_files({"name": FILE, "mimeType": "text/csv", "buffer": table})
    told_as_text(page, (f"{FILE} is here.",))
    page.get_by_role("button", name="See the data").click()
    expect(page.locator(".tokens").first).to_be_visible()
    shown = " ".join(page.locator(".tokens").all_text_contents())
    assert any(visible(text) in shown for text in hostile)
    told_as_text(page, ())


def test_a_model_s_name_is_text_where_it_is_refused(visit: Any, complaints: Any, hostile: tuple[str, ...]) -> None:
    complaints.allowed.add("422")
    page = visit("?m=lora")
    page.get_by_text("More models").click()
    for text in hostile:
        page.locator("#own-model").fill(text)
        page.locator("#own-model").press("Tab")
        problem = page.locator(".choice.chosen .problem, .total").filter(has_text=repr(visible(text)[-12:])[1:-1])
        expect(problem.first).to_be_visible()
        told_as_text(page, ())
    page.reload()
    expect(page.locator("#own-model")).to_have_value(hostile[-1])
    told_as_text(page, ())


def test_an_address_is_text(visit: Any, complaints: Any, hostile: tuple[str, ...]) -> None:
    complaints.allowed.update({"422", "404"})
    page = visit()
    for text in (hostile[0], hostile[6]):
        for names in (("model", "task", "m", "b.steps", "b.schedule", "hide", "lock"), ("race",)):
            page.goto(page.url.split("?")[0] + "?" + urlencode([(name, text) for name in names]))
            expect(page.locator(".race > *").first).to_be_visible()
            expect(page.locator(".race").get_by_text(re.compile(re.escape(text[-12:]))).first).to_be_visible()
            told_as_text(page, ())


def test_a_prompt_and_what_answers_it_are_text(
    visit: Any, show_tab: Any, wait_until_written: Any, hostile: tuple[str, ...], raced: str
) -> None:
    page = visit()
    panel = show_tab(page, "Play")
    text = " ".join(visible(text) for text in hostile)
    panel.get_by_role("textbox", name="Prompt").fill(text)
    panel.get_by_role("button", name="Write", exact=True).click()
    expect(panel.get_by_role("textbox", name="Base model, untuned")).to_have_value(re.compile(r"\S"))
    expect(panel.get_by_role("textbox", name="Prompt")).to_have_value(text)
    wait_until_written(page)
    told_as_text(page, ())
