"""A home of its own for every test, runs without training, and notebooks that a real kernel executes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from workbench.events import Evaluated, Event, Finished, Sampled, Started, Stepped, Stopped
from workbench.runs.folder import RunFolder, create_race, list_runs
from workbench.runs.liveness import is_alive
from workbench.runs.record import perform
from workbench.spec import Budget, Choice, RunSpec

LONGEST = 120  # seconds that a cell may take on a busy machine


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the workbench keeps its runs during the test, in kernels and workers too; races end with the test."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    yield tmp_path / "home"
    left = [folder for folder in list_runs(tmp_path / "home") if is_alive(folder.path)]
    for folder in left:
        folder.ask_to_stop()
    while any(is_alive(folder.path) for folder in left):
        time.sleep(0.1)


def fake_race(specs: Any, runs: Any, stores: Any, should_stop: Any) -> Iterator[Event]:
    """What the real race yields, without training."""
    for run, spec in zip(runs, specs, strict=True):
        counts = {"trainable": 7, "total": 100, "percent": 7.0}
        yield Started(run, 0, steps=spec.budget.steps, counts=counts, device="cpu", precision="float32")
        yield Evaluated(run, 1, loss=3.0, base_loss=1.0, scores={"slot_accuracy": 0.25})
        yield Sampled(run, 2, samples=({"prompt": "Once", "text": "upon <b>a</b> time", "target": "there was"},))
    for step in range(1, specs[0].budget.steps + 1):
        for run in runs:
            if should_stop(run):
                yield Stopped(run, 9, step)
                return
            yield Stepped(run, 9, step, step * 0.5, loss=3.0 / step, tokens=50, tokens_per_second=100.0)
    for place, run in enumerate(runs):
        yield Evaluated(run, 10, step, step * 0.5, loss=1.5 - 0.25 * place, base_loss=1.25, scores={})
        yield Sampled(run, 11, step, samples=({"prompt": "Once", "text": "there was", "target": "there was"},))
        yield Finished(run, 12, step, step * 0.5)


@pytest.fixture
def queued(home: Path) -> Callable[..., list[RunFolder]]:
    """The folders of a race that nobody performs yet."""

    def make(*methods: str, steps: int = 4) -> list[RunFolder]:
        specs = [RunSpec(method=Choice(method), budget=Budget(steps=steps)) for method in methods]
        return create_race(specs, home)

    return make


@pytest.fixture
def raced(queued: Any) -> Callable[..., list[RunFolder]]:
    """The folders of a race that is over."""

    def make(*methods: str, steps: int = 4) -> list[RunFolder]:
        folders: list[RunFolder] = queued(*methods, steps=steps)
        list(perform(folders, fake_race))
        return folders

    return make


@pytest.fixture
def going(queued: Any) -> Callable[..., tuple[list[RunFolder], Iterator[Event]]]:
    """The folders of a race, and its events, which happen as they are taken."""

    def make(*methods: str, steps: int = 4) -> tuple[list[RunFolder], Iterator[Event]]:
        folders: list[RunFolder] = queued(*methods, steps=steps)
        return folders, perform(folders, fake_race)

    return make


class Notebook:
    """A notebook that a kernel executes cell by cell, as `run` is called; `nb` is what would be saved."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.nb = client.nb

    def run(self, *lines: str) -> Any:
        """Execute a cell and return it with its outputs."""
        import nbformat

        self.nb.cells.append(nbformat.v4.new_code_cell("\n".join(lines)))
        return self.client.execute_cell(self.nb.cells[-1], len(self.nb.cells) - 1)


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[[], Any]:
    """Open a notebook with a kernel of its own; the kernel ends with the block."""

    @contextmanager
    def opened() -> Iterator[Notebook]:
        import nbformat
        from nbclient import NotebookClient

        client = NotebookClient(
            nbformat.v4.new_notebook(),
            timeout=LONGEST,
            kernel_name="python3",
            allow_errors=True,
            resources={"metadata": {"path": str(tmp_path)}},
        )
        with client.setup_kernel():
            yield Notebook(client)

    return opened
