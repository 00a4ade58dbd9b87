"""`python -m workbench.pretraining --model pocket-gpt`: pretrain a bundled model and ship it to assets/."""

import argparse
import os
from pathlib import Path

import torch

from workbench.pocket import save_tokenizer, train_tokenizer
from workbench.pretraining.processes import train_together
from workbench.pretraining.recipe import RECIPES, find_recipe
from workbench.pretraining.ship import ship
from workbench.settings import assets


def main() -> None:
    """Read the command line, train, and write the finished model to assets/."""
    parser = argparse.ArgumentParser(prog="python -m workbench.pretraining", description=__doc__)
    parser.add_argument("--model", default="pocket-gpt", choices=list(RECIPES))
    parser.add_argument("--folder", type=Path, default=Path(".pretraining"), help="where checkpoints are kept")
    parser.add_argument("--processes", type=int, default=max(1, (os.cpu_count() or 2) // 2 * 2))
    parser.add_argument("--ship-only", action="store_true", help="write the checkpoint as it is to assets/")
    options = parser.parse_args()
    recipe, folder = find_recipe(options.model), options.folder / options.model
    if not (options.folder / "tokenizer" / "tokenizer.json").exists():
        save_tokenizer(train_tokenizer(), options.folder / "tokenizer")
    if not options.ship_only:
        train_together(recipe, folder, 1 if torch.cuda.is_available() else options.processes)
    ship(recipe, folder, options.folder / "tokenizer", assets() / recipe.name)


if __name__ == "__main__":
    main()
