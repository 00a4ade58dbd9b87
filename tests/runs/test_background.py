"""A race in a process of its own; whole races are in tests/widgets/test_kernel.py."""

import os
from pathlib import Path
from typing import Any

import pytest

from workbench.runs.background import start
from workbench.runs.summary import read_history


@pytest.fixture(autouse=True)
def logged(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(home))


def test_a_race_that_cannot_run_says_so_in_its_journals(queued: Any) -> None:
    text = (queued.path / "spec.json").read_text()
    (queued.path / "spec.json").write_text(text.replace("pocket-gpt", "no-such-model"))
    process = start([queued])
    assert process.wait(60) != 0
    history = read_history(queued)
    assert history.state == "failed"
    assert "no-such-model" in history.error


@pytest.mark.skipif(not hasattr(os, "getsid"), reason="sessions are POSIX")
def test_its_process_is_out_of_reach_of_the_starters_signals(queued: Any) -> None:
    process = start([queued])
    try:
        assert os.getsid(process.pid) == process.pid != os.getsid(0)
    finally:
        queued.ask_to_stop()
        process.wait(120)
    assert read_history(queued).state in ("stopped", "finished")
