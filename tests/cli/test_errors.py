"""What goes wrong is one sentence on the error output and the right exit code."""

import errno
import json

import pytest

from workbench.errors import DataError, DivergedError, MemoryShortageError, ModelError, RunError, StorageError


def said(result) -> str:
    """The one sentence."""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("Error: "), result.stderr
    assert "Traceback" not in result.output
    return lines[0]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["count", "--model", "gpt2", "-m", "lorra"], 2, "Did you mean lora?"),
        (["count", "--model", "gpt2", "-m", "lora:rnk=4"], 2, "Did you mean rank?"),
        (["count", "--model", "gpt2", "-m", "lora:rank=0"], 2, "lora:rank is '0'"),
        (["count", "--model", "gpt2", "-m", "lora:rank"], 2, "knob=value"),
        (["count", "--model", "gtp2", "-m", "lora"], 4, "Did you mean gpt2?"),
        (["count", "--model", "./nowhere", "-m", "lora"], 4, "There is no folder ./nowhere"),
        (["methods", "lorra"], 2, "Did you mean lora?"),
        (["tasks", "pirat"], 2, "Did you mean pirate?"),
        (["race", "--model", "gpt2", "--task", "pirat"], 2, "Did you mean pirate?"),
        (["race", "--model", "gpt3-175b"], 2, "for counting only"),
        (["race", "--model", "gpt2", "-m", "lora:rank=x"], 2, "lora:rank is 'x'"),
        (["race", "--model", "gpt2", "-m", ","], 2, "at least one"),
        (["race", "--budget", "warm=1"], 2, "Did you mean warmup?"),
        (["race", "--steps", "0"], 2, "budget:steps is 0"),
        (["race", "--data", "no.csv"], 3, "There is no file no.csv"),
        (["race", "--prompt-column", "x"], 3, "no file"),
        (["race", "--spec", "no.json"], 3, "cannot be read as JSON"),
        (["generate", "--run", "a", "--adapter", "b"], 2, "either a run or a folder"),
        (["generate", "--adapter", "nowhere"], 5, "There is no folder nowhere"),
        (["runs", "show", "nothing"], 5, "There is no run 'nothing'"),
        (["runs", "stop", "nothing"], 5, "There is no run 'nothing'"),
        (["runs", "import", "no.zip"], 5, "no.zip"),
    ],
)
def test_a_mistake_is_one_sentence_and_a_code(call, words: list[str], code: int, sentence: str) -> None:
    result = call(*words)
    assert (result.exit_code, sentence in said(result)) == (code, True), result.stderr


@pytest.mark.parametrize("words", [["race", "--steps", "many"], ["race", "--nonsense"], ["nonsense"], ["count"]])
def test_wrong_usage_ends_with_2(call, words: list[str]) -> None:
    assert call(*words).exit_code == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DataError("x"), 3),
        (ModelError("x"), 4),
        (RunError("x"), 5),
        (DivergedError("x"), 6),
        (StorageError("x"), 7),
        (MemoryShortageError("x"), 8),
        (OSError(errno.ENOSPC, "No space left on device", "/somewhere"), 7),
        (PermissionError(errno.EACCES, "Permission denied", "/somewhere"), 7),
    ],
)
def test_every_kind_of_error_has_its_exit_code(call, monkeypatch, error: Exception, code: int) -> None:
    def fail(home) -> None:
        raise error

    monkeypatch.setattr("workbench.cli.runs.list_runs", fail)
    result = call("runs", "list")
    assert result.exit_code == code
    said(result)


def test_what_nobody_expected_is_one_sentence_too_and_its_details_are_kept(call, monkeypatch, tmp_path) -> None:
    def fail(home) -> None:
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setattr("workbench.cli.runs.list_runs", fail)
    result = call("runs", "list")
    assert result.exit_code == 1
    assert "nobody thought of this" in said(result) and "Traceback" not in result.output
    assert "Traceback" in (tmp_path / "home" / "workbench.log").read_text()


def test_data_in_an_error_neither_steers_the_terminal_nor_becomes_markup(call) -> None:
    sentence = said(call("count", "--model", "gpt2", "-m", "[bold]x[/bold]\x1b[2J"))
    assert "[bold]x[/bold]" in sentence and "\x1b" not in sentence


def test_runs_of_different_models_are_no_race(call, tmp_path) -> None:
    from workbench.spec import RunSpec

    file = tmp_path / "specs.json"
    file.write_text(json.dumps([RunSpec(model="gpt2").to_json(), RunSpec(model="distilgpt2").to_json()]))
    result = call("race", "--spec", file)
    assert result.exit_code == 2 and "as in the other runs" in said(result)
