"""The journey of a student in JupyterLab, in a real browser: a board that moves, another cell, restart, find, stop."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from workbench.widgets.still import WIDGET

ROOT = Path(__file__).parents[2]
LESSON = "00_first_race.ipynb"
TAKES_PICTURES = os.environ.get("WORKBENCH_SCREENSHOTS") == "1"  # for the docs, at the budget of a laptop
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
TOKEN = "a-token-for-this-test"
PATIENCE = 600.0 if TAKES_PICTURES else 90.0  # seconds, on a machine that is busy with other things
RACE = 'wb.race(model="pocket-gpt-nano", methods=["full", "lora"], steps=100_000, batch_size=2, metric_examples=2)'


@dataclass
class Lab:
    """A JupyterLab at work: its address, and the folder of its notebooks."""

    address: str
    folder: Path

    def write(self, name: str, *cells: str) -> None:
        """Lay down a notebook."""
        import nbformat

        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(book, self.folder / name)

    def ask(self, path: str, method: str = "GET") -> Any:
        """What its API answers."""
        request = Request(f"{self.address}{path}", method=method, headers={"Authorization": f"token {TOKEN}"})
        with urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)


@pytest.fixture
def lab(tmp_path: Path, home: Path) -> Iterator[Lab]:
    """JupyterLab on a free port, with settings of its own."""
    if not CHROMIUM:
        pytest.skip("there is no Chromium on this machine")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {name: str(tmp_path / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    environment |= {"WORKBENCH_BUDGET": "laptop" if TAKES_PICTURES else "test"}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += [f"--IdentityProvider.token={TOKEN}", str(folder)]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    served = Lab(f"http://127.0.0.1:{port}", folder)
    try:
        until_it_answers(served)
        yield served
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a fresh browser."""
    expect.set_options(timeout=1000 * PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_page(viewport={"width": 1400, "height": 1400})
        browser.close()


def test_a_race_is_watched_beside_other_cells_found_again_and_stopped(lab: Lab, page: Page) -> None:
    lab.write("first.ipynb", "import workbench.widgets as wb", f"board = {RACE}", "6 * 7")
    lab.write("again.ipynb", "import workbench.widgets as wb", "wb.runs()[-1].board()")

    run_all(page, lab, "first.ipynb")
    expect(page.get_by_text(re.compile(r"^42$"))).to_be_visible()  # the kernel is free
    first = steps(page)
    assert steps(page, beyond=first + 2) > first
    expect(page.locator(".js-plotly-plot")).to_be_visible()

    (kernel,) = lab.ask("/api/kernels")
    lab.ask(f"/api/kernels/{kernel['id']}/restart", "POST")
    run_all(page, lab, "again.ipynb")
    found = steps(page)
    assert steps(page, beyond=found + 2) > found > first  # the race outlived its kernel

    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="over")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^stopped, step \d+ of 100000$"))).to_have_count(2)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_disabled()  # still the widget, for its hovers
    kept = saved(page, lab.folder / "again.ipynb")
    assert WIDGET in kept and "<circle" in "".join(kept["image/svg+xml"])
    assert "stopped" in "".join(kept["text/plain"])


def test_the_first_lesson_runs_with_a_board_that_moves(lab: Lab, page: Page) -> None:
    shutil.copy(ROOT / "notebooks" / LESSON, lab.folder)

    run_all(page, lab, LESSON)
    until_it_moves(page)
    take(page, "lab-race", page.get_by_text(re.compile(r"^step [1-9]\d* of \d+$")).first)
    expect(page.get_by_role("status").filter(has_text="over")).to_be_visible()
    expect(page.get_by_text("Not yet.")).to_have_count(3)  # nobody has answered; the notebook went to its end
    expect(page.get_by_role("columnheader", name="held-out loss").first).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)
    take(page, "lab-table", page.get_by_role("columnheader", name="% trained").last)


def run_all(page: Page, lab: Lab, name: str) -> None:
    """Open a notebook and run it from top to bottom."""
    page.goto(f"{lab.address}/lab/tree/{name}?token={TOKEN}&reset")
    expect(page.locator(".jp-Notebook")).to_be_visible()
    expect(page.get_by_role("button", name="| Idle")).to_be_visible()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()


def steps(page: Page, beyond: int = 0) -> int:
    """The step of the board's last run, once it is larger than `beyond`."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        told = page.get_by_text(re.compile(r"^step \d+ of 100000$"))
        if told.count() and (step := int(told.last.inner_text().split()[1])) > beyond:
            return step
        page.wait_for_timeout(200)
    raise AssertionError("the board did not move")


def until_it_moves(page: Page) -> None:
    """Wait until the board shows two different steps."""
    told = page.get_by_text(re.compile(r"^step [1-9]\d* of \d+$"))
    expect(told.last).to_be_visible()
    first = told.last.inner_text()
    expect(told.last).not_to_have_text(first)


def take(page: Page, name: str, about: Locator) -> None:
    """Keep a picture for the docs, where those are asked for, with what it is about in its middle."""
    if TAKES_PICTURES:
        if (no := page.get_by_role("button", name="No", exact=True)).count():  # JupyterLab offers news
            no.click()
        about.evaluate("element => element.scrollIntoView({block: 'center'})")
        page.wait_for_timeout(1000)  # until the scrolled cells are drawn
        page.screenshot(path=ROOT / "docs" / "screens" / f"{name}.png")


def saved(page: Page, path: Path) -> dict[str, Any]:
    """What the file holds of the board, once its last state was in the cell and saved."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        page.keyboard.press("Control+s")
        outputs = json.loads(path.read_text())["cells"][1]["outputs"]
        if outputs and "stopped" in str(outputs[0]["data"]["text/plain"]):
            return dict(outputs[0]["data"])
        page.wait_for_timeout(1000)
    raise AssertionError("the notebook was not saved")


def until_it_answers(lab: Lab) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            lab.ask("/api/status")
            return
        except OSError:
            assert time.monotonic() < end, "JupyterLab does not start"
            time.sleep(0.2)


def test_make_lab_opens_the_first_lesson() -> None:
    plan = subprocess.run(
        ["make", "--dry-run", "--old-file=setup", "lab"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert f"-m jupyterlab notebooks/{LESSON}" in plan.stdout
    assert (ROOT / "notebooks" / LESSON).is_file()
