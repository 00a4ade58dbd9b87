"""The command line as a person calls it, and a model small enough to race in a test."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from workbench.cli.app import app

CONFIG = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 16,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 8,
    "num_hidden_layers": 2,
    "intermediate_size": 24,
    "vocab_size": 40,
    "max_position_embeddings": 128,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": None,
}
WORDS = "the a cat dog bird sat ran flew on over mat wall tree big small red"

Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call the command line with a home of its own, on a terminal of 80 characters that is none."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def tiny_model(tmp_path: Path, write_model: Callable[..., Path]) -> Path:
    """A folder with a random model and a word tokenizer."""
    return write_model(tmp_path / "tiny", CONFIG, WORDS)


@pytest.fixture
def own_file(tmp_path: Path) -> Path:
    """A small CSV of prompts and targets, one of which tries to steer the terminal."""
    things, deeds, places = ("cat", "dog", "bird"), ("sat", "ran", "flew"), ("mat", "wall", "tree")
    rows = [
        f"{thing} {deed},the {thing} {deed} on the {place}" for thing in things for deed in deeds for place in places
    ]
    file = tmp_path / "mine.csv"
    file.write_text("ask,say\n" + "\n".join(rows) + "\n[bold]cat\x1b[2J[/],the \x1b]0;owned\x07dog\n", encoding="utf-8")
    return file
