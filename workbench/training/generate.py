"""Let a model write: many prompts at once, with a cache of keys and values, the same text as one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import nn

from workbench.methods.head import head_of
from workbench.tasks.contract import Record
from workbench.tasks.encode import DECODER, Layout, encode
from workbench.training.evaluate import at_rest
from workbench.training.fill import choose_among, fill
from workbench.training.progress import inner_model, read

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

ROWS = 64  # prompts written at once
LONGEST = 1_000_000  # tokens of a prompt; what is too long for a model loses its start when it is read


@dataclass(frozen=True)
class Writing:
    """How to write: at most `new_tokens`, the likeliest token at temperature 0, else drawn with the seed.

    `top_p` keeps the likeliest tokens that together have this probability (Holtzman et al. 2020, section 3.1).
    `positions` is the longest input of the model, the virtual tokens of a learned prompt included. `layout` is how
    the model reads a prompt; an encoder writes as many tokens as it is given masks, all at once. `ends` are tokens
    that end an answer as the tokenizer's end token does.
    """

    new_tokens: int = 48
    temperature: float = 0.0
    seed: int = 0
    positions: int = 1024
    top_p: float = 1.0
    layout: Layout = DECODER
    ends: tuple[int, ...] = ()


def answers(
    model: nn.Module, tokenizer: "PreTrainedTokenizerBase", prompts: Sequence[str], writing: Writing
) -> list[str]:
    """What the model writes after each prompt until its end token; prompts too long lose their start."""
    writing = _answering(model, writing)
    rows = [prompt_ids(prompt, tokenizer, writing.layout) for prompt in prompts]
    return [text_of(ids, tokenizer) for ids in write(model, tokenizer, rows, writing)]


def stream(model: nn.Module, tokenizer: "PreTrainedTokenizerBase", prompt: str, writing: Writing) -> Iterator[str]:
    """Yield the text after one prompt piece by piece, as it is written.

    An encoder fills the masks of the prompt, or where it has none, those behind it. A classification head's answer is
    a label.
    """
    writing = _answering(model, writing)
    if writing.layout.kind == "encoder" and (masks := prompt.count(str(tokenizer.mask_token))):
        writing = replace(writing, layout=replace(writing.layout, masks=masks))
    written: list[int] = []
    shown = ""
    steps = _tokens(model, tokenizer, [prompt_ids(prompt, tokenizer, writing.layout)], writing)
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


def _answering(model: nn.Module, writing: Writing) -> Writing:
    """The same for a model with a classification head, which answers with a label."""
    head = head_of(model)
    return writing if head is None else replace(writing, layout=replace(writing.layout, labels=head.labels))


def text_of(ids: list[int], tokenizer: "PreTrainedTokenizerBase") -> str:
    """The text of these tokens, without those that only mark its end."""
    return str(tokenizer.decode(ids, skip_special_tokens=True))


def prompt_ids(prompt: str, tokenizer: "PreTrainedTokenizerBase", layout: Layout = DECODER, cut: int = 0) -> list[int]:
    """The prompt's tokens as in training: after the beginning-of-text token, where there is one.

    An empty prompt of a model without such a token begins after the end of another text. An encoder's prompt is
    followed by its masks; `cut` is where the second text of a pair begins.
    """
    if layout.kind == "encoder" and str(tokenizer.mask_token) in prompt:
        return [tokenizer.cls_token_id, *tokenizer.encode(prompt, add_special_tokens=False), tokenizer.sep_token_id]
    if layout.kind != "decoder":
        target = layout.labels[0] if layout.labels else ""  # which does not matter
        asked = encode(Record(prompt or " ", target, cut=cut), tokenizer, LONGEST, layout)
        return list(asked.source or asked.ids)
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
            for alive, tokens in _tokens(model, tokenizer, [rows[row] for row in group], writing):
                for place, token in zip(alive, tokens, strict=True):
                    written[group[place]].append(token)
    return written


def _tokens(
    model: nn.Module, tokenizer: "PreTrainedTokenizerBase", rows: Sequence[Sequence[int]], writing: Writing
) -> Iterator[tuple[list[int], list[int]]]:
    """Yield for each new position the rows still being written and their next tokens, ends left out."""
    place = next(model.parameters()).device
    generator = torch.Generator(place).manual_seed(writing.seed)
    if writing.layout.labels:
        logits = choose_among(model, tokenizer, rows, writing.layout, writing.positions)  # (rows, labels)
        chosen = _choose(logits, writing, generator)  # (rows,)
        spelled = [tokenizer.encode(label, add_special_tokens=False) for label in writing.layout.labels]
        yield from _spelled([spelled[number] for number in chosen.tolist()])
        return
    if writing.layout.kind == "encoder":
        logits = fill(model, tokenizer, rows, writing.layout)  # (rows, masks, vocab)
        chosen = [_choose(at, writing, generator).tolist() for at in logits.unbind(1)]
        yield from _until_end(chosen, tokenizer.sep_token_id)
        return
    ends = [*writing.ends, *([] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id])]
    state = read(model, tokenizer, rows, writing.positions - writing.new_tokens, writing.layout)
    inner = inner_model(model)
    alive = torch.arange(len(rows), device=place)
    done = torch.zeros(len(rows), dtype=torch.bool, device=place)
    for step in range(writing.new_tokens):
        tokens = _choose(state.logits, writing, generator)  # (rows,)
        for end in ends:
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


def _until_end(columns: list[list[int]], end: int) -> Iterator[tuple[list[int], list[int]]]:
    """The same for tokens that are all there: those of each position, of the rows that have not ended before."""
    alive = list(range(len(columns[0])))
    for column in columns:
        alive = [row for row in alive if column[row] != end]
        if not alive:
            return
        yield alive, [column[row] for row in alive]


def _spelled(answers: list[list[int]]) -> Iterator[tuple[list[int], list[int]]]:
    """The same for whole answers: the tokens of each position, of the rows that are so long."""
    for place in range(max(map(len, answers))):
        alive = [row for row, answer in enumerate(answers) if place < len(answer)]
        yield alive, [answers[row][place] for row in alive]


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
