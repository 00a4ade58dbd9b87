"""Batches hold every document whole and once, waste little, and can be entered at any step."""

from collections import Counter
from dataclasses import replace
from itertools import islice
from random import Random

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from workbench.pocket import documents, train_tokenizer
from workbench.pretraining.batches import SHARD_STEPS, batches, deal
from workbench.pretraining.recipe import RECIPES, find_recipe
from workbench.tasks.contract import IGNORED

RECIPE = replace(RECIPES["pocket-gpt-nano"], steps=2 * SHARD_STEPS, documents_per_step=16, context=512)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(count=1000, size=700)


def test_every_row_is_dealt_once_and_every_step_gets_all_lengths() -> None:
    rows = [[number] * (5 + number % 60) for number in range(2000)]
    steps = deal(rows, steps=20, parts=4, rng=Random(0))
    assert [len(parts) for parts in steps] == [4] * 20
    assert Counter(row[0] for parts in steps for part in parts for row in part) == Counter(range(2000))
    for parts in steps:
        longest = [max(map(len, part)) for part in parts]
        assert longest == sorted(longest)
        assert longest[0] < longest[-1]
        assert max(sum(map(len, part)) for part in parts) < 1.2 * min(sum(map(len, part)) for part in parts)


def test_rows_are_single_documents_between_end_marks(tokenizer: PreTrainedTokenizerFast) -> None:
    texts = Counter(document.text for document in documents(RECIPE.seed, SHARD_STEPS * 16))
    read: Counter[str] = Counter()
    for parts in islice(batches(RECIPE, tokenizer), SHARD_STEPS):
        for ids, labels in parts:
            assert (ids[:, 0] == tokenizer.eos_token_id).all()
            for row, answers in zip(ids, labels, strict=True):
                known = answers[answers != IGNORED]
                assert known[-1] == tokenizer.eos_token_id
                assert torch.equal(row[1 : len(known)], known[:-1])
                assert (row[len(known) :] == tokenizer.pad_token_id).all()
                read[tokenizer.decode(known[:-1])] += 1
    assert read == texts


def test_little_is_padding(tokenizer: PreTrainedTokenizerFast) -> None:
    parts = [part for step in islice(batches(replace(RECIPE, documents_per_step=64), tokenizer), 32) for part in step]
    assert sum(int((labels != IGNORED).sum()) for _, labels in parts) > 0.9 * sum(ids.numel() for ids, _ in parts)


def test_the_stream_can_be_entered_at_any_step(tokenizer: PreTrainedTokenizerFast) -> None:
    for first in (10, SHARD_STEPS + 3):
        expected = next(islice(batches(RECIPE, tokenizer), first, None))
        entered = next(batches(RECIPE, tokenizer, first_step=first))
        assert all(
            torch.equal(a, b) for one, two in zip(expected, entered, strict=True) for a, b in zip(one, two, strict=True)
        )


def test_an_unknown_recipe_is_one_sentence() -> None:
    with pytest.raises(Exception, match="one of pocket-gpt, pocket-gpt-micro, pocket-gpt-nano"):
        find_recipe("pocket-bart")
