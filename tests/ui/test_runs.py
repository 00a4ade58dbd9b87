"""The Runs tab: name, tag, find, sort, delete and bring back, take away and hand in."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from workbench.runs.labels import LONGEST_NAME, LONGEST_TAG, MOST_TAGS

METHODS = ("none", "full", "lora", "bitfit")
MARK = "of these tests"  # a tag, since other tests leave runs of theirs at the same server
PHONE = 390  # pixels


@pytest.fixture(scope="module")
def finished(server: Any) -> Iterator[str]:
    """A race of four runs that is over, gone after these tests."""
    race = server.race(METHODS, {"name": "describe"}, steps=2)
    yield race
    server.ask("/api/runs/delete", [row["run"] for row in server.runs(race)])


@pytest.fixture
def four(server: Any, finished: str) -> str:
    """That race with the mark alone, whatever a test before did to it."""
    for run in server.ask(f"/api/races/{finished}")["runs"]:
        server.ask("/api/runs/label", {"run": run["run"], "name": "", "tags": [MARK]})
    return finished


def runs_of(page: Page, show_tab: Any, text: str = MARK) -> Locator:
    """The lines of the runs that bear the mark."""
    panel = show_tab(page, "Runs")
    panel.get_by_label("Find").fill(text)
    return panel.locator("tbody tr")


def line_of(rows: Locator, server: Any, race: str, method: str) -> Locator:
    """The line of a run that is over, whatever stands in it."""
    return rows.filter(has=rows.page.locator(f'a[href="/api/runs/{row_of(server, race, method)["run"]}/zip"]'))


def row_of(server: Any, race: str, method: str) -> dict[str, Any]:
    return next(row for row in server.runs(race) if row["method"] == method)


def test_a_run_is_renamed_in_its_place_by_keyboard(
    visit: Any, show_tab: Any, server: Any, four: str, complaints: Any, hostile: tuple[str, ...]
) -> None:
    complaints.allowed.add("422")
    page = visit()
    rows = runs_of(page, show_tab)
    line = line_of(rows, server, four, "full")
    line.get_by_role("button", name="Rename full, seed 0").press("Enter")
    box = line.get_by_role("textbox", name="Name of the run")
    expect(box).to_be_focused()
    page.keyboard.type("given up")
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(line.get_by_role("button", name="Rename full, seed 0")).to_be_focused()
    assert row_of(server, four, "full")["name"] == ""

    page.keyboard.press("Enter")
    too_long = "x" * (LONGEST_NAME + 1)
    page.keyboard.insert_text(too_long)
    page.keyboard.press("Enter")
    expect(line.get_by_role("alert")).to_contain_text(f"at most {LONGEST_NAME} characters")
    expect(box).to_have_value(too_long)
    expect(box).to_be_focused()
    expect(line).to_contain_text(f"At most {LONGEST_NAME} characters; empty: its method.")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(f"{hostile[0]} my best")
    page.keyboard.press("Enter")
    expect(line.get_by_role("link", name=f"{hostile[0]} my best", exact=True)).to_be_visible()
    expect(line.get_by_role("button", name=re.compile("^Rename .*my best$"))).to_be_focused()
    expect(line).to_contain_text("full, seed 0")
    assert row_of(server, four, "full")["name"] == f"{hostile[0]} my best"
    assert page.evaluate("window.hacked") is None

    page.keyboard.press("Enter")
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    expect(line.get_by_role("link", name="full, seed 0", exact=True)).to_be_visible()


def test_a_run_is_tagged_in_its_place_and_found_by_its_tag(
    visit: Any, show_tab: Any, server: Any, four: str, complaints: Any
) -> None:
    complaints.allowed.add("422")
    page = visit()
    rows = runs_of(page, show_tab)
    line = line_of(rows, server, four, "lora")
    line.get_by_role("button", name="Tag lora, seed 0").click()
    box = line.get_by_role("textbox", name="Tags")
    expect(box).to_have_value(MARK)
    box.fill(f"{MARK}, {'y' * (LONGEST_TAG + 1)}")
    box.press("Enter")
    expect(line.get_by_role("alert")).to_contain_text(f"1 to {LONGEST_TAG} characters")
    box.fill(", ".join([MARK, *"abcdefghij"]))
    line.get_by_role("button", name="Save").click()
    expect(line.get_by_role("alert")).to_contain_text(f"at most {MOST_TAGS}")
    expect(line).to_contain_text(f"at most {MOST_TAGS}, of {LONGEST_TAG} characters each")
    box.fill(f" week 3,, {MARK},week 3 ")
    box.press("Enter")
    expect(line.locator(".tag")).to_have_text(["week 3", MARK])
    expect(line.get_by_role("button", name="Tag lora, seed 0")).to_be_focused()
    assert row_of(server, four, "lora")["tags"] == ["week 3", MARK]

    panel = page.locator('[role="tabpanel"]:visible')
    panel.get_by_label("Tag", exact=True).select_option("week 3")
    expect(rows).to_have_count(1)
    line.get_by_role("button", name="Tag lora, seed 0").click()
    box.fill(MARK)
    box.press("Enter")
    expect(panel.get_by_label("Tag", exact=True)).to_have_value("")  # nobody bears it any more
    expect(rows).to_have_count(4)


def test_runs_are_filtered_by_state_task_method_and_tag(visit: Any, show_tab: Any, server: Any, four: str) -> None:
    page = visit()
    rows = runs_of(page, show_tab)
    panel = page.locator('[role="tabpanel"]:visible')
    expect(rows).to_have_count(4)
    whole = len(server.ask("/api/runs"))
    panel.get_by_label("Method", exact=True).select_option("lora")
    expect(rows).to_have_count(1)
    expect(panel.get_by_text(f"1 of {whole} runs.")).to_be_visible()
    panel.get_by_label("State", exact=True).select_option("finished")
    panel.get_by_label("Task", exact=True).select_option("describe")
    panel.get_by_label("Tag", exact=True).select_option(MARK)
    expect(rows).to_have_count(1)
    panel.get_by_label("Find").fill("nothing like it")
    expect(panel.get_by_text("No run fits.")).to_be_visible()
    expect(panel.get_by_role("table")).to_have_count(0)
    panel.get_by_role("button", name="Show all").click()
    expect(rows).to_have_count(min(200, whole))
    for name in ("Method", "State", "Task", "Tag"):
        expect(panel.get_by_label(name, exact=True)).to_have_value("")


def test_a_column_head_sorts_the_list_and_says_so(visit: Any, show_tab: Any, server: Any, four: str) -> None:
    page = visit()
    rows = runs_of(page, show_tab)
    expect(rows).to_have_count(4)
    head = page.get_by_role("columnheader", name="held-out loss")
    expect(page.get_by_role("columnheader", name="created")).to_have_attribute("aria-sort", "descending")
    shown = sorted(row["loss"] for row in server.runs(four))
    for direction, order in (("ascending", shown), ("descending", shown[::-1])):
        head.get_by_role("button").press("Enter")
        expect(head).to_have_attribute("aria-sort", direction)
        expect(head.get_by_role("button")).to_be_focused()
        assert rows.locator(".loss").all_inner_texts() == [f"{loss:.3f}" for loss in order]
    expect(page.locator('[aria-sort="ascending"], [aria-sort="descending"]')).to_have_count(1)
    page.get_by_role("columnheader", name="run", exact=True).get_by_role("button").click()
    names = rows.get_by_role("rowheader").get_by_role("link").all_inner_texts()
    assert names == [f"{method}, seed 0" for method in sorted(METHODS)]


def test_several_are_tagged_deleted_and_brought_back_at_once(visit: Any, show_tab: Any, server: Any, four: str) -> None:
    before = server.runs(four)
    page = visit()
    rows = runs_of(page, show_tab)
    panel = page.locator('[role="tabpanel"]:visible')
    for method in ("full", "lora"):
        rows.get_by_role("checkbox", name=f"Choose {method}, seed 0").press("Space")
    expect(panel.get_by_text("2 chosen")).to_be_visible()
    with page.expect_download() as report:
        panel.get_by_role("link", name="Compare these in a report").click()
    text = Path(report.value.path()).read_text(encoding="utf-8")
    assert "lora" in text and "bitfit" not in text
    panel.get_by_role("button", name="Add tags").click()
    panel.get_by_role("textbox", name="Tags to add").fill(f"pair, {MARK}")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="Add tags")).to_be_focused()
    assert [row["tags"] for row in server.runs(four)] == [[MARK], [MARK, "pair"], [MARK, "pair"], [MARK]]

    panel.get_by_role("button", name="Delete the chosen").click()
    expect(rows).to_have_count(2)
    assert [row["method"] for row in server.runs(four)] == ["none", "bitfit"]
    line_of(rows, server, four, "bitfit").get_by_role("button", name="Delete").click()
    expect(rows).to_have_count(1)
    undo = panel.get_by_role("button", name="Undo")
    expect(undo).to_have_count(2)  # each deletion has its own
    expect(undo.first).to_be_focused()
    expect(panel.get_by_text("2 runs are deleted.")).to_be_visible()
    panel.get_by_role("button", name="Undo: 2 runs are deleted.").click()
    expect(panel.get_by_text("They are back.")).to_be_visible()
    expect(rows).to_have_count(3)
    page.keyboard.press("Tab")
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.get_by_text("It is back.")).to_be_visible()
    expect(rows).to_have_count(4)
    assert [row["run"] for row in server.runs(four)] == [row["run"] for row in before]


def test_nothing_can_be_chosen_before_the_runs_are_here(visit: Any, show_tab: Any, four: str) -> None:
    page, held = visit(), []
    page.route("**/api/runs", lambda route: held.append(route))
    panel = show_tab(page, "Runs")
    expect(panel.get_by_text("Loading your runs ...")).to_be_visible()
    expect(panel.get_by_role("checkbox")).to_have_count(0)
    expect(panel.get_by_role("button", name="Show all")).to_have_count(0)
    held[0].continue_()
    expect(panel.get_by_role("checkbox", name="Choose all that are shown")).to_be_visible()


def test_what_is_not_shown_is_not_deleted(visit: Any, show_tab: Any, server: Any, four: str) -> None:
    page = visit()
    rows = runs_of(page, show_tab)
    panel = page.locator('[role="tabpanel"]:visible')
    panel.get_by_role("checkbox", name="Choose all that are shown").check()
    expect(panel.get_by_text("4 chosen")).to_be_visible()
    panel.get_by_label("Method", exact=True).select_option("bitfit")
    expect(panel.get_by_text("1 chosen")).to_be_visible()
    panel.get_by_role("button", name="Delete the chosen").click()
    expect(panel.get_by_text("bitfit, seed 0 is deleted.")).to_be_visible()
    assert [row["method"] for row in server.runs(four)] == ["none", "full", "lora"]
    panel.get_by_role("button", name="Undo").click()
    panel.get_by_label("Method", exact=True).select_option("")  # as it is where no run of the method was left
    expect(rows).to_have_count(4)


def test_what_a_run_left_is_taken_away(visit: Any, show_tab: Any, four: str, server: Any, tmp_path: Path) -> None:
    page = visit()
    rows = runs_of(page, show_tab)
    for method, weights in (("none", None), ("full", "Weights"), ("lora", "PEFT folder"), ("bitfit", "Weights")):
        links = line_of(rows, server, four, method).get_by_role("link")
        offered = ["Run folder", *([weights] if weights else []), "Open as notebook", "Report"]
        expect(links).to_have_count(1 + len(offered))  # the line comes when the page has asked for it
        assert links.all_inner_texts()[1:] == offered, method
    lora = line_of(rows, server, four, "lora")
    run = row_of(server, four, "lora")["run"]
    folder = taken(page, lora.get_by_role("link", name="PEFT folder of lora, seed 0"), tmp_path / "peft.zip")
    assert {f"{run}-weights/adapter_config.json", f"{run}-weights/adapter_model.safetensors"} <= folder
    weights = taken(
        page, line_of(rows, server, four, "full").get_by_role("link", name="Weights of"), tmp_path / "weights.zip"
    )
    assert any(name.endswith("/model.safetensors") for name in weights)
    whole = taken(page, lora.get_by_role("link", name="Run folder of lora, seed 0"), tmp_path / "run.zip")
    assert {f"{run}/events.jsonl", f"{run}/spec.json"} <= whole
    with page.expect_download() as notebook:
        lora.get_by_role("link", name="Open as notebook of lora, seed 0").click()
    assert notebook.value.suggested_filename == f"{run}.ipynb"
    assert "LoraConfig" in Path(notebook.value.path()).read_text(encoding="utf-8")
    with page.expect_download() as report:
        lora.get_by_role("link", name="Report of lora, seed 0").click()
    assert report.value.suggested_filename == f"{four}.html"
    assert "held-out" in Path(report.value.path()).read_text(encoding="utf-8").lower()


def taken(page: Page, link: Locator, file: Path) -> set[str]:
    """Download a zip file; gives the names in it."""
    with page.expect_download() as download:
        link.click()
    download.value.save_as(file)
    return set(zipfile.ZipFile(file).namelist())


def test_a_run_is_taken_away_deleted_and_handed_in_again(
    visit: Any, show_tab: Any, server: Any, four: str, tmp_path: Path
) -> None:
    page = visit()
    rows = runs_of(page, show_tab, "bitfit")
    panel = page.locator('[role="tabpanel"]:visible')
    before, line = row_of(server, four, "bitfit"), line_of(rows, server, four, "bitfit")
    taken(page, line.get_by_role("link", name="Run folder"), tmp_path / "run.zip")
    line.get_by_role("button", name="Delete").click()
    expect(line).to_have_count(0)
    panel.get_by_label("Hand in a zip").set_input_files(tmp_path / "run.zip")
    expect(panel.get_by_text("It is in the list.")).to_be_visible()
    expect(line).to_have_count(1)
    assert row_of(server, four, "bitfit") == {**before, "tags": []}  # labels are the owner's, not the run's


def test_a_zip_that_is_no_run_is_told(visit: Any, show_tab: Any, complaints: Any, tmp_path: Path) -> None:
    complaints.allowed.add("422")
    page = visit()
    panel = show_tab(page, "Runs")
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    panel.get_by_label("Hand in a zip").set_input_files(tmp_path / "bad.zip")
    expect(panel.get_by_text("was not imported")).to_be_visible()


def test_two_lines_for_a_notebook_are_copied_by_keyboard_and_connect(visit: Any, show_tab: Any, four: str) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    panel = show_tab(page, "Runs")
    panel.get_by_role("button", name="Use in a notebook").press("Enter")
    expect(panel.get_by_role("button", name="Copied")).to_be_focused()
    expect(panel.get_by_text("Copied.", exact=True)).to_be_visible()
    code = str(page.evaluate("navigator.clipboard.readText()"))
    named: dict[str, Any] = {}
    exec(code, named)  # the page's own text
    assert {run.race for run in named["classroom"].runs()} >= {four}

    page.evaluate("navigator.clipboard.writeText('')")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")  # as without encryption
    panel.get_by_role("button", name="Use in a notebook").press("Enter")
    expect(panel.get_by_role("button", name="Copied")).to_be_focused()
    panel.get_by_label("Find").press("Control+v")
    expect(panel.get_by_label("Find")).to_have_value(code.replace("\n", " "))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, PHONE])
def test_all_that_the_tab_can_show_is_readable_for_all_and_fits(
    visit: Any, show_tab: Any, four: str, queued: tuple[str, str], width: int, scheme: str
) -> None:
    page = visit(width=width, scheme=scheme)
    panel = show_tab(page, "Runs")
    expect(panel.locator(".queue li")).to_have_count(2)
    panel.get_by_label("Find").fill(MARK)
    rows = panel.locator("tbody tr")
    rows.nth(0).get_by_role("button", name="Delete").click()
    panel.get_by_role("checkbox", name="Choose all that are shown").check()
    panel.get_by_role("button", name="Add tags").click()
    rows.nth(0).get_by_role("button", name=re.compile("^Rename")).click()
    rows.nth(1).get_by_role("button", name=re.compile("^Tag")).click()
    expect(rows.nth(1).get_by_role("textbox", name="Tags")).to_be_focused()
    found = Axe().run(page).response["violations"]
    grave = [fault for fault in found if fault["impact"] in ("serious", "critical")]
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in grave] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == PHONE:
        for box in (*rows.nth(0).get_by_role("button").all(), *rows.nth(0).get_by_role("link").all()):
            edges = box.bounding_box()
            assert edges and edges["x"] >= 0 and edges["x"] + edges["width"] <= PHONE, box
    panel.get_by_role("button", name="Undo").click()
    expect(panel.get_by_text("It is back.")).to_be_visible()
