"""From documents to equally long sequences of whole documents."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch

from workbench.pocket.corpus import documents
from workbench.pretraining.recipe import Recipe
from workbench.tasks.encode import IGNORED

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SHARD_DOCUMENTS = 4096


def batches(
    recipe: Recipe, tokenizer: "PreTrainedTokenizerBase", first_step: int = 0
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield (ids, labels), each (sequences, context), from step `first_step` on, without end.

    The corpus is read in shards of documents. Every shard fills a fixed share of steps, so a resumed run
    enters the stream at the shard it was in.
    """
    end, pad = tokenizer.eos_token_id, tokenizer.pad_token_id
    shard, step = 0, 0
    while True:
        texts = [d.text for d in documents(recipe.seed, SHARD_DOCUMENTS, start=shard * SHARD_DOCUMENTS)]
        encoded = tokenizer(texts, add_special_tokens=False)["input_ids"]
        rows = pack([[*ids, end] for ids in encoded], recipe.context - 1)
        for start in range(0, len(rows) - recipe.sequences + 1, recipe.sequences):
            if step >= first_step:
                yield _tensors(rows[start : start + recipe.sequences], recipe.context, end, pad)
            step += 1
        shard += 1


def pack(texts: list[list[int]], room: int, open_rows: int = 256) -> list[list[int]]:
    """Put whole texts into rows of at most `room` tokens, each into the fullest open row that takes it.

    Best fit with a bounded number of open rows (Ding et al. 2024, "Fewer truncations improve language
    modeling", use it to keep documents whole). A text longer than a row is cut.
    """
    rows: list[list[int]] = []
    waiting: list[list[int]] = []
    for text in texts:
        text = text[:room]
        fitting = [row for row in waiting if len(row) + len(text) <= room]
        row = max(fitting, key=len) if fitting else []
        if not fitting:
            waiting.append(row)
        row.extend(text)
        if len(row) > room - 8 or len(waiting) > open_rows:
            fullest = max(waiting, key=len)
            rows.append(fullest)
            waiting = [other for other in waiting if other is not fullest]
    return rows + waiting


def _tensors(rows: list[list[int]], context: int, end: int, pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows as ids and next-token labels; each row begins with the end mark that opens a document."""
    ids = torch.full((len(rows), context), pad)
    labels = torch.full((len(rows), context), IGNORED)
    for index, row in enumerate(rows):
        ids[index, : len(row) + 1] = torch.tensor([end, *row])
        labels[index, : len(row)] = torch.tensor(row)
    return ids, labels
