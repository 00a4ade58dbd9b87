"""Run folders that a fake race filled, and an index of them."""

import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.runs.folder import RunFolder, create_race
from workbench.runs.record import perform
from workbench.store.index import Index

_WORKER = runpy.run_path(str(Path(__file__).parents[1] / "runs" / "worker.py"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def index(home: Path) -> Iterator[Index]:
    index = Index(home / "index.sqlite")
    yield index
    index.close()


@pytest.fixture
def queued(home: Path) -> Callable[..., list[RunFolder]]:
    """The folders of a race that has not begun."""
    return lambda *methods, steps=3: create_race(_WORKER["specs_of"](list(methods), steps), home)


@pytest.fixture
def finished(queued: Any) -> Callable[..., list[RunFolder]]:
    """The folders of a race that was run."""

    def make(*methods: str, steps: int = 3) -> list[RunFolder]:
        folders = queued(*methods, steps=steps)
        list(perform(folders, _WORKER["fake_race"]))
        return folders

    return make


@pytest.fixture
def worker() -> Path:
    """The script of a worker that can be killed."""
    return Path(__file__).parents[1] / "runs" / "worker.py"
