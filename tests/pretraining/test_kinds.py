"""What is hidden from a row can be put back, is as much as it says, and is learned."""

from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch

from workbench.pocket import END, documents, save_tokenizer, train_tokenizer
from workbench.pretraining.batches import batches
from workbench.pretraining.examine_gaps import examine_masks, examine_spans
from workbench.pretraining.kinds import KINDS
from workbench.pretraining.pretrain import Peers, build_model, pretrain, read_tokenizer
from workbench.pretraining.recipe import Recipe
from workbench.tasks.contract import IGNORED
from workbench.tasks.gaps import MASKED, MISSING, TO_THE_END

RECIPE = Recipe("tiny", width=16, depth=1, heads=2, feed_forward=32, steps=6, documents_per_step=16, warmup_steps=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tokenizer")
    save_tokenizer(train_tokenizer(count=1000, size=700), folder)
    return folder


def recipe(kind: str) -> Recipe:
    return replace(RECIPE, kind=kind)


def rows(kind: str, tokenizer: Any, count: int = 300) -> list[tuple[list[int], list[int], list[int]]]:
    """Documents between end marks, each with what is read and what is learned."""
    rng, end = Random(0), tokenizer.convert_tokens_to_ids(END)
    found = [[end, *tokenizer.encode(d.text, add_special_tokens=False), end] for d in documents(1, count)]
    return [(ids, *KINDS[kind]().row(ids, tokenizer, rng)) for ids in found]


def test_masked_tokens_are_what_is_learned(folder: Path) -> None:
    tokenizer = read_tokenizer(recipe("encoder"), folder)
    marks = {tokenizer.cls_token_id, tokenizer.sep_token_id}
    shares, shown, cut = [], [], []
    for document, read, learned in rows("encoder", tokenizer):
        put_back = [token if label == IGNORED else label for token, label in zip(read, learned, strict=True)]
        assert [token for token in put_back if token not in marks] == document[1:-1]
        assert (put_back[0], put_back[-1]) == (tokenizer.cls_token_id, tokenizer.sep_token_id)
        hidden = [token for token, label in zip(read, learned, strict=True) if label != IGNORED]
        shares.append(len(hidden) / (len(document) - 2))
        shown += [token == tokenizer.mask_token_id for token in hidden]
        cut.append(put_back.count(tokenizer.sep_token_id) == 2)
    assert sum(shares) / len(shares) == pytest.approx(MASKED, abs=0.01)
    assert sum(shown) / len(shown) == pytest.approx(0.8, abs=0.02)
    assert sum(cut) / len(cut) == pytest.approx(0.5, abs=0.1)


def test_missing_spans_are_what_is_learned(folder: Path) -> None:
    tokenizer = read_tokenizer(recipe("encoder_decoder"), folder)
    marks = {tokenizer.convert_tokens_to_ids(f"<extra_id_{number}>") for number in range(32)}
    shares, to_the_end = [], []
    for document, read, learned in rows("encoder_decoder", tokenizer):
        assert read[-1] == learned[-1] == document[-1]
        spans: dict[int, list[int]] = {}
        for token in learned[:-1]:
            if token in marks:
                spans[token] = []
            else:
                spans[list(spans)[-1]].append(token)
        put_back = [part for token in read[:-1] for part in spans.get(token, [token])]
        assert put_back == document[1:-1]
        assert all(spans.values())
        ends = len(spans) == 1 and read[-2] in marks
        to_the_end.append(ends)
        if not ends:
            shares.append(sum(map(len, spans.values())) / (len(document) - 2))
    assert sum(shares) / len(shares) == pytest.approx(MISSING, abs=0.01)
    assert sum(to_the_end) / len(to_the_end) == pytest.approx(TO_THE_END, abs=0.1)


def test_the_second_segment_follows_the_first_mark(folder: Path) -> None:
    tokenizer = read_tokenizer(recipe("encoder"), folder)
    model: Any = build_model(recipe("encoder"), tokenizer)
    start, between, pad = tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id
    ids = torch.tensor([[start, 9, between, 11, 12, between, pad]])
    types = torch.tensor([[0, 0, 0, 1, 1, 1, 1]])
    with torch.no_grad():
        expected = model(input_ids=ids, attention_mask=ids != pad, token_type_ids=types).logits
        assert torch.allclose(KINDS["encoder"]().logits(model, ids, ids)[:, :6], expected[:, :6], atol=1e-6)


@pytest.mark.parametrize("kind", ["encoder", "encoder_decoder"])
def test_it_learns_and_padding_changes_nothing(kind: str, folder: Path, tmp_path: Path) -> None:
    tokenizer = read_tokenizer(recipe(kind), folder)
    curve = [row["loss"] for row in pretrain(recipe(kind), tokenizer, tmp_path, Peers(), save_every=9, compiles=False)]
    assert curve[-1] < curve[0]
    part = next(islice(batches(recipe(kind), tokenizer), 1))[-1]
    model, by_kind = build_model(recipe(kind), tokenizer).eval(), KINDS[kind]()
    wider = [
        torch.nn.functional.pad(rows, (0, 8), value=filling)
        for rows, filling in zip(part, (tokenizer.pad_token_id, IGNORED), strict=True)
    ]
    with torch.no_grad():
        assert torch.allclose(by_kind.summed_loss(model, *part), by_kind.summed_loss(model, *wider), rtol=1e-5)


@pytest.mark.parametrize(("kind", "examine"), [("encoder", examine_masks), ("encoder_decoder", examine_spans)])
def test_an_examination_gives_shares(kind: str, examine: Any, folder: Path) -> None:
    tokenizer = read_tokenizer(recipe(kind), folder)
    scores = examine(KINDS[kind](), build_model(recipe(kind), tokenizer).eval(), tokenizer, 4)
    assert scores.pop("held_out_loss") > 6
    assert all(0 <= score <= 1 for score in scores.values())
    assert scores["tracking_exact"] == scores["sums_exact"] == 0
