"""From documents to batches: one document a row, rows of like length together."""

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

import torch

from workbench.pocket.corpus import documents
from workbench.pretraining.recipe import Recipe
from workbench.tasks.encode import IGNORED

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SHARD_STEPS = 32  # steps whose documents are sorted by length together
ROUND = 8  # rows are padded to a multiple of it
Part = tuple[torch.Tensor, torch.Tensor]  # ids and next-token labels, each (rows, time)


def batches(recipe: Recipe, tokenizer: "PreTrainedTokenizerBase", first_step: int = 0) -> Iterator[list[Part]]:
    """Yield the parts of every step's batch, from step `first_step` on, without end.

    A row is one document between two end marks, so no other document is in sight (Zhao et al. 2024, "Analysing
    the impact of sequence composition on language model pre-training"). Every step has the same number of documents
    and one part from each stratum of lengths, the shortest first, all parts about equal in tokens.
    """
    end, pad = tokenizer.eos_token_id, tokenizer.pad_token_id
    count = SHARD_STEPS * recipe.documents_per_step
    for shard in range(first_step // SHARD_STEPS, recipe.steps // SHARD_STEPS + 1):
        texts = [document.text for document in documents(recipe.seed, count, start=shard * count)]
        encoded = tokenizer(texts, add_special_tokens=False)["input_ids"]
        rows = [[end, *ids[: recipe.context - 1], end] for ids in encoded]
        steps = deal(rows, SHARD_STEPS, recipe.parts, Random(f"{recipe.seed} {shard}"))
        for parts in steps[max(0, first_step - shard * SHARD_STEPS) :]:
            yield [_tensors(part, pad) for part in parts]


def deal(rows: list[list[int]], steps: int, parts: int, rng: Random) -> list[list[list[list[int]]]]:
    """Cut the rows, sorted by length, into steps * parts groups of about equal tokens and deal them to the steps.

    The longest groups go one to each step, so do the next, and so on; which step gets which is drawn.
    A group has to hold more tokens than the longest row, else some are empty.
    """
    groups: list[list[list[int]]] = [[] for _ in range(steps * parts)]
    total, seen = sum(map(len, rows)), 0
    for row in sorted(rows, key=len):
        groups[seen * len(groups) // total].append(row)
        seen += len(row)
    strata = [groups[first : first + steps] for first in range(0, len(groups), steps)]
    for stratum in strata:
        rng.shuffle(stratum)
    return [list(dealt) for dealt in zip(*strata, strict=True)]


def _tensors(rows: list[list[int]], pad: int) -> Part:
    """Rows as ids and next-token labels, padded on the right."""
    width = max(map(len, rows)) - 1
    width += -width % ROUND
    ids = torch.full((len(rows), width), pad)
    labels = torch.full((len(rows), width), IGNORED)
    for index, row in enumerate(rows):
        ids[index, : len(row) - 1] = torch.tensor(row[:-1])
        labels[index, : len(row) - 1] = torch.tensor(row[1:])
    return ids, labels
