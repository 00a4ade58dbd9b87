"""Counting needs no weights and no torch, and says exactly what the methods' anatomy says."""

import json
import subprocess
import sys

COUNTS = ["added", "trainable", "total", "percent"]
KEYS = ["method", "knobs", *COUNTS, "checkpoint_bytes", "memory_bytes", "own_weight_bytes"]
PARTS = ["weights", "gradients", "optimizer", "activations", "logits", "total"]


def test_json_has_exactly_the_promised_keys(call) -> None:
    rows = json.loads(call("count", "--model", "gpt2", "-m", "lora", "-m", "full,prefix", "--json").stdout)
    assert [row["method"] for row in rows] == ["lora", "full", "prefix"]
    for row in rows:
        assert list(row) == KEYS
        assert list(row["memory_bytes"]) == PARTS
        parts = [row["memory_bytes"][part] for part in PARTS]
        assert max(parts[:-1]) < parts[-1] <= 1.2 * sum(parts[:-1])


def test_lora_on_gpt2_medium_counts_as_published(call) -> None:
    (row,) = json.loads(
        call("count", "--model", "gpt2-medium", "-m", "lora:rank=4:targets=query+value", "--json").stdout
    )
    assert row["added"] == row["trainable"] == 393_216
    assert row["total"] == 354_823_168 + 393_216
    assert row["knobs"] == {"rank": 4, "targets": "query+value"}
    assert row["checkpoint_bytes"] == 4 * 393_216


def test_what_numbers_do_not_tell_stands_below_them(call) -> None:
    told = call("count", "--model", "gpt2", "-m", "prefix,scratch,lora").stdout.splitlines()
    assert told[-2:] == [
        "prefix: The network is dropped after training; its output is kept.",
        "scratch: Every weight starts from random numbers.",
    ]


def test_batch_and_tokens_move_the_estimate(call) -> None:
    def activations(*words: object) -> int:
        (row,) = json.loads(call("count", "--model", "gpt2", "-m", "full", "--json", *words).stdout)
        return row["memory_bytes"]["activations"]

    assert activations("--batch-size", 8) > activations("--batch-size", 4)
    assert activations("--tokens", 128) > activations("--tokens", 64)


def test_numbers_are_never_cut_in_80_columns(call) -> None:
    result = call("count", "--model", "gpt3-175b", "-m", "lora:rank=8:targets=query+value,full")
    assert "37,748,736" in result.stdout and "174,604,259,328" in result.stdout
    assert max(len(line) for line in result.stdout.splitlines()) <= 80


def test_listing_counting_and_helping_need_no_heavy_library() -> None:
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from workbench.cli.app import app\n"
        "for words in (['--help'], ['methods'], ['tasks', '--json'], ['models', '--json'], ['runs', 'list'],\n"
        "              ['count', '--model', 'gpt2', '-m', 'lora,full,adapter,prefix,prompt', '--json']):\n"
        "    result = CliRunner().invoke(app, words)\n"
        "    assert result.exit_code == 0, result.output\n"
        "heavy = {'torch', 'transformers', 'peft', 'plotly', 'tokenizers', 'datasets'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
