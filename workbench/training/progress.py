"""What a model has read so far while it writes: a text it goes on with, or a source it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import nn

from workbench.methods.tuners.prompt_mixture import PromptMixtureModel, mixed
from workbench.tasks.encode import Layout
from workbench.training.attention import uses_plain_attention
from workbench.training.cache import make_room
from workbench.training.evaluate import head_at

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


class Progress(Protocol):
    """How far a model has come with some rows; `logits` (rows, vocab) are those of the next token."""

    logits: torch.Tensor

    def keep(self, rows: torch.Tensor) -> None:
        """Forget all rows but these."""

    def advance(self, model: nn.Module, tokens: torch.Tensor) -> None:
        """Read one more token (rows,) of every row."""


@dataclass
class Text:
    """A text that a decoder goes on with: its cache, mask and next positions."""

    logits: torch.Tensor
    cache: Any
    mask: torch.Tensor  # (rows, slots of the cache)
    positions: torch.Tensor  # (rows,)

    def keep(self, rows: torch.Tensor) -> None:
        """Forget all rows but these."""
        self.cache.batch_select_indices(rows)
        self.mask, self.positions = self.mask[rows], self.positions[rows]

    def advance(self, model: nn.Module, tokens: torch.Tensor) -> None:
        """Read one more token (rows,) of every row."""
        self.mask = torch.cat([self.mask, self.mask.new_ones(len(tokens), 1)], dim=1)
        out = model(
            input_ids=tokens[:, None],
            attention_mask=self.mask,
            position_ids=self.positions[:, None],
            past_key_values=self.cache,
            use_cache=True,
        )
        self.logits, self.cache = out.logits[:, -1], out.past_key_values
        self.positions = self.positions + 1


@dataclass
class Answer:
    """What an encoder-decoder writes about a source: what its encoder made of it, and the decoder's cache."""

    logits: torch.Tensor
    cache: Any
    source: torch.Tensor  # (rows, virtual + source time, width)
    mask: torch.Tensor  # (rows, virtual + source time)

    def keep(self, rows: torch.Tensor) -> None:
        """Forget all rows but these."""
        self.cache.batch_select_indices(rows)
        self.source, self.mask = self.source[rows], self.mask[rows]

    def advance(self, model: nn.Module, tokens: torch.Tensor) -> None:
        """Read one more token (rows,) of every row."""
        out = model(
            encoder_outputs=(self.source,),
            attention_mask=self.mask,
            decoder_input_ids=tokens[:, None],
            past_key_values=self.cache,
            use_cache=True,
        )
        self.logits, self.cache = out.logits[:, -1], out.past_key_values


@dataclass
class Mixed:
    """The same rows under each prompt of a mixture; the next token is that of the mixture."""

    logits: torch.Tensor
    parts: list[Progress]
    shares: torch.Tensor  # (prompts,) logarithms

    def keep(self, rows: torch.Tensor) -> None:
        """Forget all rows but these."""
        for part in self.parts:
            part.keep(rows)

    def advance(self, model: nn.Module, tokens: torch.Tensor) -> None:
        """Read one more token (rows,) of every row."""
        for part in self.parts:
            part.advance(model, tokens)
        self.logits = mixed([part.logits for part in self.parts], self.shares)


def read(
    model: nn.Module, tokenizer: "PreTrainedTokenizerBase", rows: Sequence[Sequence[int]], room: int, layout: Layout
) -> Progress:
    """Read the prompts in one pass; they lose their start where they have more tokens than `room`."""
    if isinstance(model, PromptMixtureModel) and len(model.chosen) > 1:
        return _read_under_each(model, tokenizer, rows, room, layout)
    room = max(1, room - virtual_tokens(model))
    rows = [row[-room:] for row in rows]
    if layout.kind == "encoder_decoder":
        return _read_source(model, tokenizer, rows, layout.first(tokenizer))
    return _read_text(model, rows)


def _read_under_each(
    model: PromptMixtureModel,
    tokenizer: "PreTrainedTokenizerBase",
    rows: Sequence[Sequence[int]],
    room: int,
    layout: Layout,
) -> Mixed:
    parts = []
    for prompt in model.chosen:
        with model.reading_under(prompt):
            parts.append(read(model, tokenizer, rows, room, layout))
    return Mixed(mixed([part.logits for part in parts], model.shares), parts, model.shares)


def _read_source(
    model: nn.Module, tokenizer: "PreTrainedTokenizerBase", rows: Sequence[Sequence[int]], first: int
) -> Answer:
    """The first pass of both sides; the decoder's begins with the token `first`."""
    place, pad = next(model.parameters()).device, tokenizer.pad_token_id or 0
    ids, mask = _padded(rows, pad, place)
    start = torch.full((len(rows), 1), first, device=place)
    out = model(input_ids=ids, attention_mask=mask, decoder_input_ids=start, use_cache=True)
    source = out.encoder_last_hidden_state
    virtual = source.shape[1] - ids.shape[1]
    mask = torch.cat([mask.new_ones(len(rows), virtual), mask], dim=1)
    return Answer(out.logits[:, -1], out.past_key_values, source, mask)


def _read_text(model: nn.Module, rows: Sequence[Sequence[int]]) -> Text:
    """Rows are padded on the right. A row's new token takes the position after the row's own last one, and the
    mask hides the padding between: positions and masks are those of the row written alone, which
    padding on the left would not give to prompts that are learned.
    """
    place = next(model.parameters()).device
    lengths = torch.tensor([len(row) for row in rows])
    time = int(lengths.max())
    ids, mask = _padded(rows, 0, place)
    lengths = lengths.to(place)
    last = torch.arange(len(rows), device=place) * time + lengths - 1
    with head_at(model, time, last):
        out = model(input_ids=ids, attention_mask=mask, use_cache=True)
    virtual = out.past_key_values.get_seq_length() - time  # slots of learned prompts and prefixes
    make_room(out.past_key_values, torch.bfloat16 if uses_plain_attention(model) else None)
    mask = torch.cat([mask.new_ones(len(rows), virtual), mask], dim=1)
    return Text(out.logits, out.past_key_values, mask, lengths + virtual)


def _padded(rows: Sequence[Sequence[int]], filling: int, place: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows as ids and mask, each (rows, time)."""
    time = max(map(len, rows))
    ids = torch.tensor([[*row, *[filling] * (time - len(row))] for row in rows], device=place)
    mask = torch.tensor([[1] * len(row) + [0] * (time - len(row)) for row in rows], device=place)
    return ids, mask


def inner_model(model: nn.Module) -> "PreTrainedModel":
    """The transformers model inside PEFT's wrapper, which would put a learned prompt before every token.

    Methods that change layers have changed them in there, so nothing is lost.
    """
    inner: Any = getattr(model, "get_base_model", lambda: model)()
    return inner  # type: ignore[no-any-return]


def virtual_tokens(model: nn.Module) -> int:
    """Positions that a learned prompt takes before every text."""
    if isinstance(model, PromptMixtureModel):
        return model.virtual_tokens
    configs = getattr(model, "peft_config", {})
    return max((getattr(config, "num_virtual_tokens", 0) or 0 for config in configs.values()), default=0)
