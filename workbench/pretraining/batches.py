"""From documents to batches: one document a row, rows of like length together."""

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

from workbench.pocket.corpus import documents
from workbench.pretraining.kinds import KINDS
from workbench.pretraining.kinds.contract import Part
from workbench.pretraining.recipe import Recipe

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SHARD_STEPS = 32  # steps whose documents are sorted by length together


def batches(recipe: Recipe, tokenizer: "PreTrainedTokenizerBase", first_step: int = 0) -> Iterator[list[Part]]:
    """Yield the parts of every step's batch, from step `first_step` on, without end.

    A row is one document between two end marks, so no other one is in sight (Zhao et al. 2024, "Analysing the impact
    of sequence composition on language model pre-training"). Every step has the same number of documents and one part
    from each stratum of lengths, the shortest first, all parts about equal in tokens. What is hidden from a row is
    drawn anew in each step.
    """
    kind, end = KINDS[recipe.kind](), tokenizer.eos_token_id
    longest = recipe.context - kind.reserved
    count = SHARD_STEPS * recipe.documents_per_step
    for shard in range(first_step // SHARD_STEPS, recipe.steps // SHARD_STEPS + 1):
        texts = [document.text for document in documents(recipe.seed, count, start=shard * count)]
        encoded = tokenizer(texts, add_special_tokens=False)["input_ids"]
        rows = [[end, *ids[:longest], end] for ids in encoded]
        steps = deal(rows, SHARD_STEPS, recipe.parts, Random(f"{recipe.seed} {shard}"))
        for step, parts in enumerate(steps):
            if shard * SHARD_STEPS + step >= first_step:
                rng = Random(f"{recipe.seed} {shard} {step}")
                pad = tokenizer.pad_token_id
                yield [kind.part([kind.row(row, tokenizer, rng) for row in part], pad) for part in parts]


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
