"""One real server for all browser tests, a real browser, and what to look at while a person would click."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE = 150.0  # seconds for anything on a busy machine; never a measure of speed
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
HERE = re.compile(r"(https?|wss?)://(localhost|127\.0\.0\.1)(:\d+)?/|data:|blob:|about:")
SMALL = {"steps": 4, "examples": 32, "batch_size": 4, "evaluation_examples": 8, "metric_examples": 4}
LONG = {"steps": 4000, "examples": 0, "evaluation_examples": 4, "metric_examples": 0}
HOSTILE = (
    "<img src=x onerror=window.hacked=1>",
    "<script>window.hacked=1</script>",
    "{{7*7}}",
    "${window.hacked=1}",
    "[x](javascript:window.hacked=1)",
    "\x1b[31mred",
    '"><svg onload=window.hacked=1>',
)


@dataclass(frozen=True)
class Server:
    """A workbench that serves from a home of its own."""

    address: str
    home: Path

    def ask(self, path: str, body: Any = None) -> Any:
        """What the server answers; `body` is sent as JSON, bytes as they are."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        with urlopen(Request(self.address + path, data, {"content-type": kind}), timeout=PATIENCE) as answer:
            return json.load(answer)

    def submit(self, methods: tuple[str, ...], task: dict[str, Any], **budget: Any) -> str:
        """Begin a race; returns its id."""
        what = {"model": "pocket-gpt", "task": task, "budget": SMALL | budget, "seed": 0}
        return str(self.ask("/api/races", [{**what, "method": {"name": name}} for name in methods])["race"])

    def race(self, methods: tuple[str, ...], task: dict[str, Any], **budget: Any) -> str:
        """Hold a race to its end; returns its id."""
        race = self.submit(methods, task, **budget)
        self.wait(race)
        return race

    def wait(self, race: str, seconds: float = 2 * PATIENCE) -> None:
        """Wait until a race is over."""
        until(lambda: all(run["state"] not in ("queued", "running") for run in self.runs(race)), seconds)

    def runs(self, race: str) -> list[dict[str, Any]]:
        """The rows of a race's runs."""
        return [row for row in self.ask("/api/runs") if row["race"] == race]

    def journal(self, run: str) -> list[dict[str, Any]]:
        """The events of a run as they lie on the disk; a line that is being written is left out."""
        text = (self.home / "runs" / run / "events.jsonl").read_text()
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def until(is_so: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait for something that the server does in its own time."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.2)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`python app.py` on a free port, its trainer warm."""
    if not CHROMIUM:
        pytest.skip("there is no Chromium on this machine")
    place = tmp_path_factory.mktemp("served")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "app.py", "--no-browser", "--port", "0", "--home", str(place / "home")]
    with (place / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        served = Server(_address(process, place / "log"), place / "home")
        until(lambda: _is_warm(served))
        yield served
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    def found() -> "re.Match[str] | None":
        assert process.poll() is None, log.read_text()
        return re.search(r"http://localhost:\d+", log.read_text())

    until(lambda: found() is not None)
    return found().group()  # type: ignore[union-attr]


def _is_warm(server: Server) -> bool:
    """The trainer answers a question that needs the model."""
    try:
        return bool(server.ask("/api/look", {})["records"])
    except (HTTPError, OSError):
        return False


@pytest.fixture(scope="session")
def raced(server: Server) -> str:
    """A race that is over, for tests that only look at one."""
    return server.race(("none", "full", "lora"), {"name": "describe"})


@pytest.fixture
def queued(server: Server) -> Iterator[tuple[str, str]]:
    """A race that goes and one that waits behind it, both far from their end."""
    races = [server.submit(methods, {"name": "describe"}, **LONG) for methods in (("none", "full"), ("lora",))]
    yield races[0], races[1]
    for race in races:
        going = [row["run"] for row in server.runs(race) if row["state"] in ("queued", "running")]
        server.ask("/api/runs/stop", going)
        server.wait(race)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for a module: Playwright's event loop must not outlive it, since other tests run loops of theirs."""
    if not CHROMIUM:
        pytest.skip("there is no Chromium on this machine")
    expect.set_options(timeout=1000 * PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Complaints:
    """What must never happen on a page: a request to another machine, an error in the console or in a script.

    A browser notes every refusal of a server in its console; `allowed` has those that a test asks for, as "422".
    """

    heard: list[str] = field(default_factory=list)
    allowed: set[str] = field(default_factory=set)

    def listen(self, page: Page) -> None:
        """Hear this page from its first request on."""
        page.on("request", lambda request: HERE.match(request.url) or self.heard.append(f"request {request.url}"))
        page.on("console", lambda line: line.type == "error" and self._hear(line.text))
        page.on("pageerror", lambda error: self.heard.append(f"script {error}"))

    def _hear(self, line: str) -> None:
        status = re.match(r"Failed to load resource: the server responded with a status of (\d+)", line)
        if not status or status.group(1) not in self.allowed:
            self.heard.append(f"console {line}")


Visit = Callable[..., Page]
TOUR_SEEN = "try { localStorage.setItem('workbench-tour', '1') } catch { /* a blank page keeps nothing */ }"


@pytest.fixture
def complaints() -> Complaints:
    """What the pages of a test complained about."""
    return Complaints()


@pytest.fixture
def visit(browser: Browser, server: Server, complaints: Complaints) -> Iterator[Visit]:
    """Open a page of the server in a browser that nobody used before; in the end no page may have complained.

    The tour of a first visit is over already, unless `tour` asks for it.
    """
    contexts = []

    def open_page(
        query: str = "", width: int = 1280, scheme: str = "light", tour: bool = False, **options: Any
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce", **options
        )
        contexts.append(context)
        context.set_default_timeout(1000 * PATIENCE)
        if not tour:
            context.add_init_script(TOUR_SEEN)
        page = context.new_page()
        complaints.listen(page)
        page.goto(server.address + "/" + query)
        expect(page.locator(".race > *:visible").first).to_be_visible()  # a link may hide the first card
        expect(page.get_by_text("Loading the set-up")).to_have_count(0)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints.heard == []


@pytest.fixture
def show_tab() -> Callable[[Page, str], Any]:
    """Change to a tab and wait until it shows what it has; returns its panel."""

    def show(page: Page, name: str) -> Any:
        page.get_by_role("tab", name=name, exact=True).click()
        panel = page.locator('[role="tabpanel"]:visible')
        expect(panel.get_by_text(LANDMARKS[name]).first).to_be_visible()
        return panel

    return show


STILL = """([boxes, milliseconds]) => {
    const text = [...document.querySelectorAll(boxes)].map((box) => box.value).join('|'), now = performance.now();
    if (window.wroteLast?.text !== text) window.wroteLast = { text, now };
    return now - window.wroteLast.now > milliseconds;
}"""


@pytest.fixture
def wait_until_written() -> Callable[[Page], None]:
    """Wait until no box of Play gets longer; Gradio complains of a page that is left while it streams."""
    return lambda page: page.wait_for_function(STILL, arg=["textarea[disabled]", 3000]) and None


LANDMARKS = {
    "Race": re.compile("Base model|ways of tuning"),
    "Compare": re.compile("Choose any runs"),
    "Play": re.compile("One prompt goes"),
    "Runs": re.compile("Find"),
    "Learn": re.compile("Five steps"),
}


@pytest.fixture(scope="session")
def hostile() -> tuple[str, ...]:
    """Texts that would do something if a page took them for anything but text."""
    return HOSTILE
