"""Let an encoder fill its masks: all of a text at once, each mask for itself."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import nn

from workbench.tasks.contract import IGNORED
from workbench.tasks.encode import Encoded, Layout, segments_of
from workbench.training.batches import collate
from workbench.training.evaluate import labelled_logits

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


def _asked(ids: tuple[int, ...], tokenizer: "PreTrainedTokenizerBase", layout: Layout) -> Encoded:
    masks = [place for place, token in enumerate(ids) if token == tokenizer.mask_token_id][-layout.masks :]
    labels = tuple(0 if place in masks else IGNORED for place in range(len(ids)))  # which label does not matter
    segments = segments_of(ids, tokenizer.sep_token_id) if layout.has_segments else ()
    return Encoded(ids, labels, segments=segments, is_filled=True)
