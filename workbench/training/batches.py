"""From examples to batches of tokens: encoded once, alike in length, in an order that the seed alone decides."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import torch

from workbench.tasks.contract import Record
from workbench.tasks.encode import IGNORED, Encoded, encode

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

WINDOW = 8  # batches; examples are sorted by length within so many, which leaves the order random enough
EVALUATION_TOKENS = 4096  # padded tokens of one evaluation batch
# A fast tokenizer changes its settings even to encode, and two threads in it at once are an error.
ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Batch:
    """Some examples as tensors, padded on the right to the longest.

    There is no attention mask: a causal model never looks ahead, so what stands before the padding cannot
    see it, and the padding's own outputs are never read. Without a mask attention takes its fastest path.
    """

    ids: torch.Tensor  # (batch, time)
    places: torch.Tensor  # (targets,) row * time + column of the positions whose next token is learned
    labels: torch.Tensor  # (targets,) those next tokens
    tokens: int  # padding left out

    @property
    def targets(self) -> int:
        """How many tokens are learned."""
        return len(self.labels)


class Examples(Sequence[Encoded]):
    """Records as tokens, encoded when first asked for."""

    def __init__(self, records: Sequence[Record], tokenizer: "PreTrainedTokenizerBase", max_length: int) -> None:
        self.records = records
        self.tokenizer = tokenizer
        self.max_length = max_length
        self._encoded: dict[int, Encoded] = {}

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index: int) -> Encoded:  # type: ignore[override]  # no slices are taken
        if index not in self._encoded:
            with ONE_AT_A_TIME:
                self._encoded[index] = encode(self.records[index], self.tokenizer, self.max_length)
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
    alike = sorted(numbers, key=lambda number: len(examples[number].ids))
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
    """The examples as one batch on the device."""
    width = max(len(example.ids) for example in examples)
    ids = [[*example.ids, *[pad] * (width - len(example.ids))] for example in examples]
    learned = [
        (row * width + column, label)
        for row, example in enumerate(examples)
        for column, label in enumerate(example.labels[1:])  # nothing stands before the first token to predict it
        if label != IGNORED
    ]
    return Batch(
        torch.tensor(ids).to(place, non_blocking=True),
        torch.tensor([at for at, _ in learned], dtype=torch.long).to(place, non_blocking=True),
        torch.tensor([label for _, label in learned], dtype=torch.long).to(place, non_blocking=True),
        sum(len(example.ids) for example in examples),
    )


def evaluation_batches(examples: Sequence[Encoded], pad: int, place: torch.device) -> list[Batch]:
    """All examples, the short ones first, in batches of at most `EVALUATION_TOKENS` padded tokens."""
    waiting: list[Encoded] = []
    batches = []
    for example in sorted(examples, key=lambda example: len(example.ids)):
        if waiting and (len(waiting) + 1) * len(example.ids) > EVALUATION_TOKENS:
            batches.append(collate(waiting, pad, place))
            waiting = []
        waiting.append(example)
    return [*batches, collate(waiting, pad, place)] if waiting else batches
