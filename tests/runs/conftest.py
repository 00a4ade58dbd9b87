"""Run folders in a fresh home, a race without torch, and worker processes that can be killed."""

import os
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from workbench.runs.folder import RunFolder, create_race
from workbench.runs.record import perform

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).parent / "worker.py"
_WORKER = runpy.run_path(str(WORKER))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def fake_race() -> Callable[..., Any]:
    return _WORKER["fake_race"]


@pytest.fixture
def specs_of() -> Callable[..., Any]:
    return _WORKER["specs_of"]


@pytest.fixture
def queued(home: Path) -> RunFolder:
    """A run that has not started."""
    return create_race(_WORKER["specs_of"](["lora"], 3), home)[0]


@pytest.fixture
def finished(queued: RunFolder, fake_race: Any) -> RunFolder:
    """A run of three steps with a small artifact."""
    list(perform([queued], fake_race))
    queued.artifact.mkdir()
    (queued.artifact / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    header = b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    (queued.artifact / "adapter_model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    return queued


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the worker script, or other Python code, in a process of its own."""
    going: list[subprocess.Popen[str]] = []

    def begin(*words: object, code: str = "") -> subprocess.Popen[str]:
        command = [sys.executable, *(["-c", code] if code else [str(WORKER)]), *map(str, words)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT
        )
        going.append(process)
        return process

    yield begin
    for process in going:
        process.kill()
        process.communicate()


@pytest.fixture
def largest_file() -> Callable[[int], Any]:
    """A context in which the kernel refuses files beyond so many bytes: a disk that is full for real."""

    @contextmanager
    def limit(size: int) -> Iterator[None]:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limit
