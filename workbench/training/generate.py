"""Let a model write: many prompts at once, with a cache of keys and values, the same text as one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from workbench.training.attention import uses_plain_attention
from workbench.training.cache import make_room
from workbench.training.evaluate import at_rest, head_at

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

ROWS = 64  # prompts written at once


@dataclass(frozen=True)
class Writing:
    """How to write: at most `new_tokens`, the likeliest token at temperature 0, else drawn with the seed.

    `top_p` keeps the likeliest tokens that together have this probability (Holtzman et al. 2020, section 3.1).
    `positions` is the longest input of the model, the virtual tokens of a learned prompt included.
    """

    new_tokens: int = 48
    temperature: float = 0.0
    seed: int = 0
    positions: int = 1024
    top_p: float = 1.0


def answers(
    model: nn.Module, tokenizer: "PreTrainedTokenizerBase", prompts: Sequence[str], writing: Writing
) -> list[str]:
    """What the model writes after each prompt until its end token; prompts too long lose their start."""
    rows = [prompt_ids(prompt, tokenizer) for prompt in prompts]
    return [text_of(ids, tokenizer) for ids in write(model, tokenizer, rows, writing)]


def stream(model: nn.Module, tokenizer: "PreTrainedTokenizerBase", prompt: str, writing: Writing) -> Iterator[str]:
    """Yield the text after one prompt piece by piece, as it is written."""
    written: list[int] = []
    shown = ""
    steps = _tokens(model, [prompt_ids(prompt, tokenizer)], writing, tokenizer.eos_token_id)
    while True:
        with at_rest(model):  # never across a yield: whoever reads several streams by turns would leave it out of order
            step = next(steps, None)
        if step is None:
            return
        written += step[1]
        text = text_of(written, tokenizer)
        if not text.endswith("\N{REPLACEMENT CHARACTER}"):  # half of a character that needs several tokens
            yield text[len(shown) :]
            shown = text


def text_of(ids: list[int], tokenizer: "PreTrainedTokenizerBase") -> str:
    """The text of these tokens, without those that only mark its end."""
    return str(tokenizer.decode(ids, skip_special_tokens=True))


def prompt_ids(prompt: str, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """The prompt's tokens as in training: after the beginning-of-text token, where there is one.

    An empty prompt of a model without such a token begins after the end of another text.
    """
    start = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    ids = [*start, *tokenizer.encode(prompt, add_special_tokens=False)] if prompt else start
    return ids or [tokenizer.eos_token_id or 0]


def write(
    model: nn.Module, tokenizer: "PreTrainedTokenizerBase", rows: Sequence[Sequence[int]], writing: Writing
) -> list[list[int]]:
    """The tokens that the model writes after each row of tokens, its end token left out."""
    order = sorted(range(len(rows)), key=lambda row: len(rows[row]))  # rows alike in length need little padding
    written: list[list[int]] = [[] for _ in rows]
    with at_rest(model):
        for first in range(0, len(order), ROWS):
            group = order[first : first + ROWS]
            for alive, tokens in _tokens(model, [rows[row] for row in group], writing, tokenizer.eos_token_id):
                for place, token in zip(alive, tokens, strict=True):
                    written[group[place]].append(token)
    return written


def _tokens(
    model: nn.Module, rows: Sequence[Sequence[int]], writing: Writing, end: int | None
) -> Iterator[tuple[list[int], list[int]]]:
    """Yield for each new position the rows still being written and their next tokens, ends left out.

    Rows are padded on the right. A row's new token takes the position after the row's own last one, and the
    mask hides the padding between: positions and masks are those of the row written alone, which
    padding on the left would not give to prompts that are learned.
    """
    place = next(model.parameters()).device
    generator = torch.Generator(place).manual_seed(writing.seed)
    state = _read(model, rows, writing, place)
    inner = inner_model(model)
    alive = torch.arange(len(rows), device=place)
    done = torch.zeros(len(rows), dtype=torch.bool, device=place)
    for step in range(writing.new_tokens):
        tokens = _choose(state.logits, writing, generator)  # (rows,)
        if end is not None:
            done |= tokens == end
        going = (~done).tolist()
        if not any(going):
            return
        pairs = zip(alive.tolist(), tokens.tolist(), going, strict=True)
        yield tuple(zip(*[(row, token) for row, token, goes in pairs if goes], strict=True))  # type: ignore[misc]
        if step + 1 == writing.new_tokens:
            return
        if going.count(False) * 4 >= len(going):  # dropping rows copies the cache: not for every row that ends
            kept = (~done).nonzero()[:, 0]
            state.keep(kept)
            alive, done, tokens = alive[kept], done[kept], tokens[kept]
        state.advance(inner, tokens)


@dataclass
class _Reading:
    """What a model has read so far: logits (rows, vocab) for the next token, cache, mask and next positions."""

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


def _read(model: nn.Module, rows: Sequence[Sequence[int]], writing: Writing, place: torch.device) -> _Reading:
    """Read the prompts in one pass."""
    room = max(1, writing.positions - writing.new_tokens - _virtual_tokens(model))
    rows = [row[-room:] for row in rows]
    lengths = torch.tensor([len(row) for row in rows])
    time = int(lengths.max())
    ids = torch.tensor([[*row, *[0] * (time - len(row))] for row in rows], device=place)
    mask = (torch.arange(time) < lengths[:, None]).long().to(place)  # (rows, time)
    lengths = lengths.to(place)
    last = torch.arange(len(rows), device=place) * time + lengths - 1
    with head_at(model, time, last):
        out = model(input_ids=ids, attention_mask=mask, use_cache=True)
    virtual = out.past_key_values.get_seq_length() - time  # slots of learned prompts and prefixes
    make_room(out.past_key_values, torch.bfloat16 if uses_plain_attention(model) else None)
    mask = torch.cat([mask.new_ones(len(rows), virtual), mask], dim=1)
    return _Reading(out.logits, out.past_key_values, mask, lengths + virtual)


def _choose(logits: torch.Tensor, writing: Writing, generator: torch.Generator) -> torch.Tensor:
    if not writing.temperature:
        return logits.argmax(dim=-1)
    odds = torch.softmax(logits.float() / writing.temperature, dim=-1)  # (rows, vocab)
    if writing.top_p < 1:
        odds = nucleus(odds, writing.top_p)
    return torch.multinomial(odds, 1, generator=generator)[:, 0]


def nucleus(odds: torch.Tensor, top_p: float) -> torch.Tensor:
    """The odds (rows, vocab) with all but the likeliest tokens set to 0; those kept reach `top_p` together."""
    ranked, places = odds.sort(dim=-1, descending=True)
    before = ranked.cumsum(dim=-1) - ranked  # what the likelier tokens have; 0 for the first, which is always kept
    return odds.scatter(-1, places, ranked.masked_fill(before >= top_p, 0.0))


def inner_model(model: nn.Module) -> "PreTrainedModel":
    """The transformers model inside PEFT's wrapper, which would put a learned prompt before every token.

    Methods that change layers have changed them in there, so nothing is lost.
    """
    inner: Any = getattr(model, "get_base_model", lambda: model)()
    return inner  # type: ignore[no-any-return]


def _virtual_tokens(model: nn.Module) -> int:
    configs = getattr(model, "peft_config", {})
    return max((getattr(config, "num_virtual_tokens", 0) or 0 for config in configs.values()), default=0)
