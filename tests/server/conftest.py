"""A server whose work is done by a thread without torch, and browsers that ask it."""

import json
import runpy
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from workbench.jobs.executor import Job
from workbench.runs.folder import RunFolder
from workbench.runs.record import perform
from workbench.server import desk as desk_module
from workbench.server.app import build
from workbench.server.boundary import Wall
from workbench.server.desk import Desk
from workbench.server.visitors import Visitors

_WORKER = runpy.run_path(str(Path(__file__).parents[1] / "runs" / "worker.py"))
ADDRESS = "http://localhost:7860"


class ThreadExecutor:
    """Does what the executor of forked processes does, in threads; a race begins when `gate` is open."""

    def __init__(self, on_ready: Callable[[], None]) -> None:
        self.on_ready = on_ready
        self.is_ready = False
        self.pace: dict[str, Any] = {}
        self.gate = threading.Event()
        self.gate.set()
        self.answers: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self._threads: list[threading.Thread] = []
        self._folders: list[RunFolder] = []

    def open(self) -> None:
        self.is_ready = True
        self.on_ready()

    def start(self, what: dict[str, Any], on_end: Callable[[int], None]) -> Job:
        folders = [RunFolder(Path(path)) for path in what["folders"]]
        self._folders += folders
        self._threads.append(threading.Thread(target=self._work, args=(folders, on_end)))
        self._threads[-1].start()
        return Job("job", what, on_end)

    def _work(self, folders: Sequence[RunFolder], on_end: Callable[[int], None]) -> None:
        self.gate.wait(60)
        list(perform(folders, _WORKER["fake_race"]))
        on_end(0)

    def ask(self, what: dict[str, Any]) -> Iterator[dict[str, Any]]:
        self.asked.append(what)
        yield from self.answers

    def close(self) -> None:
        self.is_ready = False
        for folder in self._folders:
            if folder.path.is_dir():
                folder.ask_to_stop()
        self.gate.set()
        for thread in self._threads:
            thread.join(60)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def thread_executor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "ForkExecutor", ThreadExecutor)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def app_of(tmp_path: Path) -> Callable[..., FastAPI]:
    """The application of a desk, with a page of one file."""

    def make(desk: Desk, password: str | None = None, wall: Wall | None = None) -> FastAPI:
        (tmp_path / "static").mkdir(exist_ok=True)
        (tmp_path / "static" / "page.js").write_text("// a page")
        return build(desk, wall or Wall(), Visitors(desk.home, password), tmp_path / "static")

    return make


@pytest.fixture
def desk(home: Path) -> Desk:
    return Desk(home)


@pytest.fixture
def client(desk: Desk, app_of: Callable[..., FastAPI]) -> Iterator[TestClient]:
    """A browser of the one person who has the server alone."""
    with TestClient(app_of(desk), ADDRESS) as client:
        yield client


@pytest.fixture
def class_desk(home: Path) -> Desk:
    return Desk(home, is_class=True)


@pytest.fixture
def pupils(class_desk: Desk, app_of: Callable[..., FastAPI]) -> Iterator[tuple[TestClient, TestClient]]:
    """Two browsers of a class that logged in."""
    app = app_of(class_desk, "chalk")
    with TestClient(app, ADDRESS) as first:
        second = TestClient(app, ADDRESS)
        for browser in (first, second):
            browser.post("/login", data={"password": "chalk"}, follow_redirects=False)
        yield first, second


@pytest.fixture
def spec() -> Callable[..., dict[str, Any]]:
    """A spec as a page sends it."""

    def make(method: str = "lora", steps: int = 3, **more: Any) -> dict[str, Any]:
        return {"model": "pocket-gpt", "task": "describe", "method": method, "budget": {"steps": steps}, **more}

    return make


@pytest.fixture
def submit(spec: Callable[..., dict[str, Any]]) -> Callable[..., list[dict[str, Any]]]:
    """Start a race and return its rows in the list of runs, in their order in the race."""

    def start(client: TestClient, *methods: str, steps: int = 3, to_the_end: bool = True) -> list[dict[str, Any]]:
        answer = client.post("/api/races", json=[spec(method, steps) for method in methods])
        assert answer.status_code == 200, answer.text
        return rows_of(client, answer.json()["race"], to_the_end)

    return start


def rows_of(client: TestClient, race: str, to_the_end: bool) -> list[dict[str, Any]]:
    end = time.monotonic() + 60
    while True:
        rows = [row for row in client.get("/api/runs").json() if row["race"] == race]
        if not to_the_end or all(row["state"] not in ("queued", "running") for row in rows):
            return rows
        assert time.monotonic() < end, json.dumps(rows)
        time.sleep(0.02)


@pytest.fixture
def wait_for() -> Callable[..., list[dict[str, Any]]]:
    """Wait until a race has ended; its rows in the list of runs."""
    return lambda client, race: rows_of(client, race, to_the_end=True)
