"""The processes of a pretraining run: each trains on its part of every batch, the first keeps the log."""

import json
import os
import time
from pathlib import Path

import torch
from torch import multiprocessing

from workbench.pretraining.pretrain import Peers, pretrain, read_tokenizer
from workbench.pretraining.recipe import Recipe


def train_together(recipe: Recipe, folder: Path, processes: int) -> None:
    """Start the processes of a run and wait for them."""
    (folder / "peers").unlink(missing_ok=True)
    multiprocessing.spawn(train_alone, args=(recipe, folder, processes), nprocs=processes)


def train_alone(rank: int, recipe: Recipe, folder: Path, processes: int) -> None:
    """One process of a run; the first one writes the log."""
    if processes > 1:
        torch.set_num_threads(1)
    peers = Peers(rank, processes)
    peers.meet(folder)
    tokenizer = read_tokenizer(recipe, folder.parent / "tokenizer")
    began, parent = time.perf_counter(), os.getppid()
    for row in pretrain(recipe, tokenizer, folder, peers):
        if os.getppid() != parent:  # the one who started us was killed
            return
        if rank == 0:
            log(folder, row | {"seconds": time.perf_counter() - began}, recipe.steps)


def log(folder: Path, row: dict[str, float], steps: int) -> None:
    """Append the step to log.jsonl; print every hundredth."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")
    if row["step"] % 100 == 0:
        print(f"step {row['step']:.0f}/{steps}  loss {row['loss']:.3f}  {row['tokens_per_second']:.0f} tokens/s")
