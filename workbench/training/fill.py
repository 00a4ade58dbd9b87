"""Answers that need one pass: an encoder's masks, each for itself, and the label that a classification head chooses."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import nn

from workbench.tasks.contract import IGNORED
from workbench.tasks.encode import Encoded, Layout, segments_of
from workbench.training.batches import collate
from workbench.training.evaluate import labelled_logits
from workbench.training.progress import virtual_tokens

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def fill(
    model: nn.Module, tokenizer: "PreTrainedTokenizerBase", rows: Sequence[Sequence[int]], layout: Layout
) -> torch.Tensor:
    """Logits (rows, masks, vocab) for the last masks of each row, as many as the layout has."""
    place = next(model.parameters()).device
    examples = [_asked(tuple(row), tokenizer, layout) for row in rows]
    batch = collate(examples, tokenizer.pad_token_id or 0, place)
    logits = labelled_logits(model, batch)  # (rows * masks, vocab)
    return logits.view(len(rows), layout.masks, -1)


def choose_among(
    model: nn.Module,
    tokenizer: "PreTrainedTokenizerBase",
    rows: Sequence[Sequence[int]],
    layout: Layout,
    positions: int,
) -> torch.Tensor:
    """Logits (rows, labels) of the model's classification head; rows too long for `positions` lose their start."""
    room = positions - virtual_tokens(model)
    kept = [row if len(row) <= room else [*row[:1], *row[len(row) - room + 1 :]] for row in rows]
    examples = [_judged(tuple(row), tokenizer, layout) for row in kept]
    place = next(model.parameters()).device
    return labelled_logits(model, collate(examples, tokenizer.pad_token_id or 0, place))


def _judged(ids: tuple[int, ...], tokenizer: "PreTrainedTokenizerBase", layout: Layout) -> Encoded:
    """Tokens laid out as in training; which label stands there does not matter."""
    if layout.kind == "encoder_decoder":
        return Encoded((layout.first(tokenizer),), (0,), source=ids, by_head=True)
    if layout.kind == "decoder":
        return Encoded(ids, (*(IGNORED,) * (len(ids) - 1), 0), by_head=True)
    segments = segments_of(ids, tokenizer.sep_token_id) if layout.has_segments else ()
    return Encoded(ids, (0,) * len(ids), segments=segments, is_filled=True, by_head=True)


def _asked(ids: tuple[int, ...], tokenizer: "PreTrainedTokenizerBase", layout: Layout) -> Encoded:
    masks = [place for place, token in enumerate(ids) if token == tokenizer.mask_token_id][-layout.masks :]
    labels = tuple(0 if place in masks else IGNORED for place in range(len(ids)))  # which label does not matter
    segments = segments_of(ids, tokenizer.sep_token_id) if layout.has_segments else ()
    return Encoded(ids, labels, segments=segments, is_filled=True)
