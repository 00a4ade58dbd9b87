"""Text of any script runs its own way in its own place, and marks of direction never turn the page around it."""

import csv
import io
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from workbench.views.text import readable

ARABIC = ("أين يعيش الأرنب الصغير؟", "يعيش الأرنب في الغابة، قرب النهر (رقم 12).")
HEBREW = ("היכן גר הארנב הקטן?", "הָאַרְנָב גָּר בַּיַּעַר, מספר 12 (ליד הנהר).")
TURNING = ("\u202eturned from here \u2067and never ended", "\u202eno end")
OTHERS = (("Where is cafe\u0301 👩‍👩‍👧?", "Niño 🏳️‍🌈."), ("กระต่ายอยู่ที่ไหน", "อยู่ในป่า"), ("兔子在哪里？", "在森林里。"))
ROWS = (ARABIC, HEBREW, TURNING, *OTHERS)
COLUMNS = ("سؤال", "תשובה")
FILE = "ملف\u202e.csv"  # the mark turns what follows, unless the page keeps it in its place
WIDTHS = (390, 1280)
# What is drawn of an element runs from the left to the right: its first letter stands before its last.
RUNS_RIGHT = """(text) => {
    const node = document.createTreeWalker(text, NodeFilter.SHOW_TEXT), range = document.createRange(), places = [];
    while (node.nextNode()) for (const word of node.currentNode.data.matchAll(/[a-z]{4,}/g)) {
        for (const place of [word.index, word.index + word[0].length - 1]) {
            range.setStart(node.currentNode, place);
            range.setEnd(node.currentNode, place + 1);
            places.push(range.getBoundingClientRect().left);
        }
    }
    return places.length > 0 && places.every((left, place) => place % 2 === 0 || places[place - 1] < left);
}"""


@pytest.fixture(scope="module")
def table() -> bytes:
    """A file in several scripts, each of its texts often enough to be held out too."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows((f"{prompt} {number}", target) for number in range(30) for prompt, target in ROWS)
    return file.getvalue().encode()


@pytest.fixture(scope="module")
def race(server: Any, table: bytes) -> str:
    """A race on it that asks enough to have every script among its samples."""
    path = server.ask(f"/api/files?name={quote(FILE)}", table)["path"]
    found = str(server.race(("none", "lora"), {"name": "own_file", "knobs": {"path": path}}, steps=1))
    run = server.runs(found)[0]["run"]
    server.ask("/api/runs/label", {"run": run, "name": "تجربة \u202e first", "tags": ["وسم \u202e tagged"]})
    return found


def samples(server: Any, race: str) -> list[dict[str, str]]:
    journal = server.journal(server.runs(race)[1]["run"])
    return [event["samples"] for event in journal if event["event"] == "sampled"][-1]


def is_rtl(text: str) -> bool:
    """Whether the first letter that has a direction runs to the left; an override mark decides nothing."""
    letter = next(letter for letter in text if letter.isalpha())
    return "\u0590" <= letter <= "\u06ff"


def directed(page: Page, place: Locator, text: str) -> None:
    """The text is there, letter by letter, and runs its own way in its own place."""
    found = place.get_by_text(text.strip(), exact=True).first
    expect(found).to_be_attached()
    style = "(found) => [getComputedStyle(found).direction, getComputedStyle(found).textAlign]"
    assert found.evaluate(style) == ["rtl" if is_rtl(text) else "ltr", "start"]


def fits(page: Page) -> None:
    """On a phone and on a desk the page is as wide as its window, and still runs to the right."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function("(width) => document.documentElement.scrollWidth <= width", arg=width)
        assert page.evaluate("getComputedStyle(document.body).direction") == "ltr"


def test_samples_run_their_own_way_on_the_board(visit: Any, server: Any, race: str) -> None:
    page = visit(f"?race={race}")
    expect(page.get_by_text("The race is over.")).to_be_visible()
    table = page.get_by_role("region", name="Samples")
    for sample in samples(server, race):
        directed(page, table, sample["prompt"])
        directed(page, table, sample["target"])
    assert table.locator("thead tr").evaluate(RUNS_RIGHT)
    fits(page)


def test_samples_run_their_own_way_in_the_report(visit: Any, server: Any, race: str) -> None:
    page = visit()
    page.set_content(page.request.get(f"{server.address}/api/races/{race}/report").text())
    section = page.locator("#samples")
    for sample in samples(server, race):
        directed(page, section, readable(sample["prompt"]))
        directed(page, section, readable(sample["target"]))
    assert section.locator("h4").first.evaluate(RUNS_RIGHT)
    fits(page)


def test_samples_and_names_run_their_own_way_in_compare_and_runs(
    visit: Any, show_tab: Any, server: Any, race: str
) -> None:
    page = visit()
    panel = show_tab(page, "Compare")
    table = panel.get_by_role("region", name="Samples")
    expect(table.get_by_role("rowheader").first).to_be_visible()
    expect(panel.get_by_text("own_file, seed 0").first).to_be_visible()
    named = panel.get_by_text("تجربة").first
    assert named.evaluate(RUNS_RIGHT)
    panel = show_tab(page, "Runs")
    line = panel.get_by_role("row").filter(has_text="تجربة")
    for part in (line.locator("small").first, line.get_by_role("button", name="Rename"), line.locator("td.actions")):
        assert part.evaluate(RUNS_RIGHT)


def test_a_file_s_name_does_not_turn_the_sentence_about_it(visit: Any, table: bytes) -> None:
    page = visit("?task=own_file&m=none")
    page.locator("#own-file").set_input_files({"name": FILE, "mimeType": "text/csv", "buffer": table})
    told = page.get_by_text("is here.")
    expect(told).to_contain_text("180 examples")
    assert told.evaluate(RUNS_RIGHT)
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    right = "(part) => part.getBoundingClientRect().right"
    assert page.locator("#own-file").evaluate(right) <= page.locator(".card", has=told).evaluate(right)
    for name in ("prompt_column", "target_column"):
        assert page.locator(f"#{name} option").all_inner_texts()[-2:] == list(COLUMNS)


def test_the_data_are_seen_in_whole_characters(visit: Any, table: bytes) -> None:
    page = visit("?task=own_file&m=none")
    page.locator("#own-file").set_input_files({"name": "many.csv", "mimeType": "text/csv", "buffer": table})
    expect(page.get_by_text("is here.")).to_be_visible()
    page.get_by_role("button", name="See the data").click()
    shown = page.locator(".tokens")
    expect(shown).to_have_count(3)
    for text in shown.all_text_contents():
        assert "\ufffd" not in text
        assert any(prompt in text and target in text for prompt, target in ROWS)
    assert page.locator(".tokens span[title]").first.get_attribute("title") in ("2 tokens", "3 tokens")
