"""Packing keeps documents whole, loses none, and can be entered at any step."""

from collections import Counter
from dataclasses import replace

import pytest
from transformers import PreTrainedTokenizerFast

from workbench.pocket import train_tokenizer
from workbench.pretraining import packing
from workbench.pretraining.packing import batches, pack
from workbench.pretraining.recipe import RECIPES, find_recipe
from workbench.tasks.encode import IGNORED


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(count=1000, size=700)


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "SHARD_DOCUMENTS", 200)


RECIPE = replace(RECIPES["pocket-gpt-nano"], sequences=4)


def test_rows_hold_every_text_whole_and_once() -> None:
    texts = [[number] * (1 + number % 37) for number in range(300)]
    rows = pack(texts, room=50)
    assert all(len(row) <= 50 for row in rows)
    assert Counter(token for row in rows for token in row) == Counter(token for text in texts for token in text)
    for row in rows:
        assert all(row.count(token) == 1 + token % 37 for token in set(row))


def test_rows_are_nearly_full() -> None:
    texts = [[number] * (10 + number * 7 % 60) for number in range(2000)]
    rows = pack(texts, room=128)
    assert sum(map(len, rows)) / (128 * len(rows)) > 0.95


def test_labels_are_the_next_tokens(tokenizer: PreTrainedTokenizerFast, small_shards: None) -> None:
    ids, labels = next(batches(RECIPE, tokenizer))
    assert ids.shape == labels.shape == (4, 256)
    assert (ids[:, 0] == tokenizer.eos_token_id).all()
    known = labels[:, :-1] != IGNORED
    assert (ids[:, 1:][known] == labels[:, :-1][known]).all()
    assert (ids[:, 1:][~known] == tokenizer.pad_token_id).all()


def test_the_stream_can_be_entered_at_any_step(tokenizer: PreTrainedTokenizerFast, small_shards: None) -> None:
    whole = batches(RECIPE, tokenizer)
    eleventh = [next(whole) for _ in range(11)][-1]
    entered = next(batches(RECIPE, tokenizer, first_step=10))
    assert all((a == b).all() for a, b in zip(eleventh, entered, strict=True))


def test_an_unknown_recipe_is_one_sentence() -> None:
    with pytest.raises(Exception, match="one of pocket-gpt, pocket-gpt-micro, pocket-gpt-nano"):
        find_recipe("pocket-bert")
