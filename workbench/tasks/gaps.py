"""Hide parts of a text, for models that learn by putting them back: single tokens, or spans."""

from random import Random
from typing import TYPE_CHECKING, Any

from workbench.tasks.contract import IGNORED

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# BERT masks 15 %; Wettig et al. 2022 (arXiv:2202.08005) found more to be better. A small world's text is easy to
# guess, and each masked token is one that is learned.
MASKED = 0.3
KEPT, DRAWN = 0.1, 0.1  # of the masked: shown as they are, or as a random token (Devlin et al. 2018, section 3.1)
MISSING, SPAN = 0.15, 3  # share of tokens, and mean length of a span (Raffel et al. 2019, section 3.3.4)
# A model that only ever filled gaps is hard to prompt (Lester et al. 2021, section 3.2). So in a third of the texts one
# span is missing that reaches to the end, as in UL2 (Tay et al. 2022, arXiv:2205.05131).
TO_THE_END = 1 / 3
GAPS = 32  # marks; a text of 256 tokens has 13 gaps


def gap(number: int) -> str:
    """The mark of a gap; T5's own name for it."""
    return f"<extra_id_{number}>"


def hide_tokens(ids: list[int], tokenizer: "PreTrainedTokenizerBase", rng: Random) -> tuple[list[int], list[int]]:
    """What is read, and what is learned at each place; [CLS] and [SEP] are never hidden."""
    marks = (tokenizer.cls_token_id, tokenizer.sep_token_id)
    free = [place for place, token in enumerate(ids) if token not in marks]
    masked = set(rng.sample(free, min(len(free), max(1, round(MASKED * len(free))))))
    read = [_read(token, tokenizer, rng) if place in masked else token for place, token in enumerate(ids)]
    return read, [token if place in masked else IGNORED for place, token in enumerate(ids)]


def _read(token: int, tokenizer: "PreTrainedTokenizerBase", rng: Random) -> int:
    chance = rng.random()
    if chance < KEPT:
        return token
    if chance < KEPT + DRAWN:
        return rng.randrange(len(tokenizer))
    return int(tokenizer.mask_token_id)


def hide_spans(ids: list[int], tokenizer: "PreTrainedTokenizerBase", rng: Random) -> tuple[list[int], list[int]]:
    """The text with a mark for each gap, and each mark with what is missing there."""
    gaps = _gaps(len(ids), rng)
    marks: Any = tokenizer.convert_tokens_to_ids([gap(number) for number in range(len(gaps))])
    read: list[int] = []
    learned: list[int] = []
    at = 0
    for mark, (start, stop) in zip(marks, gaps, strict=True):
        read += [*ids[at:start], mark]
        learned += [mark, *ids[start:stop]]
        at = stop
    return [*read, *ids[at:]], learned


def _gaps(length: int, rng: Random) -> list[tuple[int, int]]:
    """Where spans are missing: (start, stop) of each, in order, at least one token apart."""
    if rng.random() < TO_THE_END:
        return [(rng.randrange(length), length)]
    missing = max(1, round(MISSING * length))
    spans = max(1, round(missing / SPAN))
    sizes = _cut(missing, spans, rng)
    between = _cut(length - missing + 2, spans + 1, rng)  # one more at both ends, where none has to be
    between[0] -= 1
    gaps, at = [], 0
    for space, size in zip(between, sizes, strict=False):
        gaps.append((at + space, at + space + size))
        at += space + size
    return gaps


def _cut(total: int, parts: int, rng: Random) -> list[int]:
    """Cut a length at random into so many parts, none of them empty."""
    edges = [0, *sorted(rng.sample(range(1, total), parts - 1)), total]
    return [later - earlier for earlier, later in zip(edges, edges[1:], strict=False)]
