"""From examples to batches of tokens: encoded once, alike in length, in an order that the seed alone decides."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import torch

from workbench.tasks.contract import IGNORED, Record
from workbench.tasks.encode import DECODER, Encoded, Layout, encode

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

WINDOW = 8  # batches; examples are sorted by length within so many, which leaves the order random enough
EVALUATION_TOKENS = 4096  # padded tokens of one evaluation batch
# A fast tokenizer changes its settings even to encode, and two threads in it at once are an error.
ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Batch:
    """Some examples as tensors, padded on the right to the longest.

    A decoder needs no attention mask: a causal model never looks ahead, so what stands before the padding cannot
    see it, and the padding's own outputs are never read. Without a mask attention takes its fastest path. An
    encoder sees all of its input, so `mask` hides the padding. What an encoder-decoder reads is its `source`.
    Where a classification head answers (`by_head`), each row has one label: the number of a label of the task. Its
    `places` are those whose states the head reads, their mean where they are several.
    """

    ids: torch.Tensor  # (batch, time)
    places: torch.Tensor  # (targets,) row * time + column of the positions whose outputs are learned
    labels: torch.Tensor  # (targets,) the tokens that they are to predict; for a head (batch,)
    tokens: int  # padding left out
    source: torch.Tensor | None = None  # (batch, source time)
    mask: torch.Tensor | None = None  # (batch, time or source time) true where a token is
    segments: torch.Tensor | None = None  # (batch, time)
    by_head: bool = False

    @property
    def targets(self) -> int:
        """How many tokens are learned."""
        return len(self.labels)

    @property
    def inputs(self) -> dict[str, torch.Tensor]:
        """What the model is called with, by transformers' names."""
        if self.source is not None:
            return {"input_ids": self.source, "attention_mask": self.mask, "decoder_input_ids": self.ids}  # type: ignore[dict-item]
        found = {"input_ids": self.ids, "attention_mask": self.mask, "token_type_ids": self.segments}
        return {name: tensor for name, tensor in found.items() if tensor is not None}

    @property
    def size(self) -> int:
        """Tokens with padding, those of the source too."""
        return self.ids.numel() + (0 if self.source is None else self.source.numel())


class Examples(Sequence[Encoded]):
    """Records as tokens, encoded when first asked for."""

    def __init__(
        self,
        records: Sequence[Record],
        tokenizer: "PreTrainedTokenizerBase",
        max_length: int,
        layout: Layout = DECODER,
    ) -> None:
        self.records = records
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.layout = layout
        self._encoded: dict[int, Encoded] = {}

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: int) -> Encoded:  # type: ignore[override]  # no slices are taken
        if index not in self._encoded:
            with ONE_AT_A_TIME:
                self._encoded[index] = encode(self.records[index], self.tokenizer, self.max_length, self.layout)
        return self._encoded[index]


def batch_order(examples: Sequence[Encoded], batch_size: int, seed: int) -> Iterator[list[int]]:
    """Yield, without end, the numbers of the examples of each batch.

    An epoch holds every example once, in batches of at most `batch_size` that are as even as can be.
    Within a window of batches examples are sorted by length, then the window's batches are shuffled.
    """
    epoch = 0
    while True:
        rng = Random(f"{seed} {epoch}")
        numbers = list(range(len(examples)))
        rng.shuffle(numbers)
        sizes = _even_sizes(len(numbers), batch_size)
        for first in range(0, len(sizes), WINDOW):
            window = sizes[first : first + WINDOW]
            start = sum(sizes[:first])
            yield from _bucket(numbers[start : start + sum(window)], window, examples, rng)
        epoch += 1


def _even_sizes(count: int, batch_size: int) -> list[int]:
    batches = -(-count // batch_size)
    return [count // batches + (number < count % batches) for number in range(batches)]


def _bucket(numbers: list[int], sizes: list[int], examples: Sequence[Encoded], rng: Random) -> list[list[int]]:
    alike = sorted(numbers, key=lambda number: examples[number].size)
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    batches = [alike[start : start + size] for start, size in zip(starts, sizes, strict=True)]
    rng.shuffle(batches)
    return batches


def parts(examples: Sequence[Encoded], accumulation: int, pad: int, place: torch.device) -> list[Batch]:
    """One step's examples as at most `accumulation` batches of neighbours, each padded to its own longest."""
    sizes = _even_sizes(len(examples), -(-len(examples) // accumulation))
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    return [collate(examples[start : start + size], pad, place) for start, size in zip(starts, sizes, strict=True)]


def collate(examples: Sequence[Encoded], pad: int, place: torch.device) -> Batch:
    """The examples, all of one kind, as one batch on the device."""
    width = max(len(example.ids) for example in examples)
    by_head = examples[0].by_head
    earlier = 0 if examples[0].is_filled or by_head else 1  # a model that writes predicts a token one place before it
    learned = [
        (row * width + column - earlier, label)
        for row, example in enumerate(examples)
        for column, label in enumerate(example.labels)
        if label != IGNORED and column >= earlier  # nothing stands before the first token to predict it
    ]
    sources = [example.source for example in examples]
    read = sources if examples[0].source else [example.ids for example in examples]
    masked = bool(examples[0].source) or examples[0].is_filled
    segments = [example.segments for example in examples]

    def tensor(values: Sequence[int] | Sequence[Sequence[int]], kind: torch.dtype = torch.long) -> torch.Tensor:
        return torch.tensor(values, dtype=kind).to(place, non_blocking=True)

    return Batch(
        tensor(_padded([example.ids for example in examples], pad)),
        tensor([at for at, _ in learned]),
        # what a head reads it reads for the same label
        tensor([example.labels[-1] for example in examples] if by_head else [label for _, label in learned]),
        sum(len(example.ids) + len(example.source) for example in examples),
        source=tensor(_padded(sources, pad)) if examples[0].source else None,
        mask=tensor(_padded([[1] * len(ids) for ids in read], 0), torch.bool) if masked else None,
        segments=tensor(_padded(segments, 0, width)) if any(segments) else None,
        by_head=by_head,
    )


def _padded(rows: Sequence[Sequence[int]], filling: int, width: int = 0) -> list[list[int]]:
    width = width or max(map(len, rows))
    return [[*row, *[filling] * (width - len(row))] for row in rows]


def evaluation_batches(examples: Sequence[Encoded], pad: int, place: torch.device) -> list[Batch]:
    """All examples, the short ones first, in batches of at most `EVALUATION_TOKENS` padded tokens."""
    waiting: list[Encoded] = []
    batches = []
    for example in sorted(examples, key=lambda example: example.size):
        if waiting and (len(waiting) + 1) * example.size > EVALUATION_TOKENS:
            batches.append(collate(waiting, pad, place))
            waiting = []
        waiting.append(example)
    return [*batches, collate(waiting, pad, place)] if waiting else batches
