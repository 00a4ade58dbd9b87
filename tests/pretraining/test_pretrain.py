"""A pretraining run learns, stops at any step and goes on as if it had not stopped."""

import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from workbench.pocket import train_tokenizer
from workbench.pretraining.examine import held_out_loss
from workbench.pretraining.pretrain import Peers, build_model, load_checkpoint, pretrain, rate_factor
from workbench.pretraining.recipe import Recipe

RECIPE = Recipe("tiny", width=16, depth=1, heads=2, feed_forward=32, steps=8, documents_per_step=16, warmup_steps=2)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(count=1000, size=700)


def losses(tokenizer: PreTrainedTokenizerFast, folder: Path, steps: int | None = None) -> list[float]:
    run = pretrain(RECIPE, tokenizer, folder, Peers(), save_every=1, compiles=False)
    return [row["loss"] for row in islice(run, steps)]


def test_the_loss_falls(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    curve = losses(tokenizer, tmp_path)
    assert len(curve) == RECIPE.steps
    assert curve[-1] < curve[0] - 0.3


def test_a_resumed_run_repeats_the_unbroken_one(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    unbroken = losses(tokenizer, tmp_path / "unbroken")
    first = losses(tokenizer, tmp_path / "broken", steps=4)
    # The fourth step was not saved before its row was yielded, so the run goes on from the third.
    assert first[:3] + losses(tokenizer, tmp_path / "broken") == unbroken


def test_rates_rise_stay_and_fall_to_zero() -> None:
    recipe = replace(RECIPE, steps=100, warmup_steps=10, decay=0.2)
    assert [rate_factor(recipe, step) for step in (0, 9, 50, 80, 90, 100)] == [0.1, 1.0, 1.0, 1.0, 0.5, 0.0]


def test_the_checkpoint_gives_the_weights_back(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    losses(tokenizer, tmp_path)
    model = build_model(RECIPE, tokenizer)
    fresh = held_out_loss(model, tokenizer, 8)
    assert load_checkpoint(tmp_path, model, []) == RECIPE.steps
    assert held_out_loss(model, tokenizer, 8) < fresh - 0.3


def test_two_processes_do_what_one_does(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    """Summed gradients of two halves are the whole batch's, up to rounding in half precision."""
    tokenizer.save_pretrained(tmp_path / "tokenizer")
    program = f"""
import sys
from pathlib import Path
from transformers import AutoTokenizer
from workbench.pretraining.pretrain import Peers, pretrain
from workbench.pretraining.recipe import Recipe
folder = Path({str(tmp_path / "pair")!r})
peers = Peers(int(sys.argv[1]), 2)
peers.meet(folder)
tokenizer = AutoTokenizer.from_pretrained({str(tmp_path / "tokenizer")!r})
for row in pretrain({RECIPE!r}, tokenizer, folder, peers, compiles=False):
    print(row["loss"])
"""
    pair = [
        subprocess.Popen([sys.executable, "-c", program, str(rank)], stdout=subprocess.PIPE, text=True)
        for rank in range(2)
    ]
    printed = [process.communicate(timeout=300)[0] for process in pair]
    assert printed[0] == printed[1]
    together = torch.tensor([float(line) for line in printed[0].split()])
    assert torch.allclose(together, torch.tensor(losses(tokenizer, tmp_path / "alone")), rtol=2e-2)
