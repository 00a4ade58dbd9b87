"""What pretraining asks of each kind of base model."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch.nn.functional import cross_entropy

from workbench.tasks.contract import IGNORED

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from workbench.pretraining.recipe import Recipe

ROUND = 8  # rows are padded to a multiple of it
Row = tuple[list[int], list[int]]  # what is read, and what is learned
Part = tuple[torch.Tensor, torch.Tensor]  # the same of several rows, each (rows, time)


class Kind(ABC):
    """An architecture, its special tokens, and what a document becomes: what is read, and what is learned."""

    name: ClassVar[str]
    sentence: ClassVar[str]  # for the model card: what it is and what it learned
    order: ClassVar[int] = 100
    reserved: ClassVar[int] = 1  # tokens of a row that are not the document's own

    @staticmethod
    def blocks(depth: int) -> str:
        """What the recipe's depth means, in words."""
        return f"{depth} blocks"

    @staticmethod
    def rate_factor(matrix: str, recipe: "Recipe") -> float:
        """A factor on the rate of the matrix of this name."""
        return 1.0

    def tokenizer(self, shared: "PreTrainedTokenizerBase") -> "PreTrainedTokenizerBase":
        """The pocket world's tokenizer with what this kind needs beside it."""
        return shared

    @abstractmethod
    def build(self, recipe: "Recipe", tokenizer: "PreTrainedTokenizerBase") -> "PreTrainedModel":
        """The model with random weights of the recipe's seed."""

    @abstractmethod
    def row(self, document: list[int], tokenizer: "PreTrainedTokenizerBase", rng: Random) -> Row:
        """A document's tokens, between two end marks, as what is read and what is learned."""

    @abstractmethod
    def logits(self, model: Any, ids: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Logits (rows, time, vocab) for the labels (rows, time)."""

    @abstractmethod
    def examine(self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int) -> dict[str, float]:
        """Scores on `count` fresh items of each sort, fractions, and `held_out_loss` in nats per learned token."""

    @abstractmethod
    def held_out_loss(self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int) -> float:
        """Mean loss in nats per learned token on `count` held-out documents of the corpus."""

    def sampled(
        self, model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", count: int, temperature: float
    ) -> dict[str, float]:
        """Those of the scores that hang on the temperature, sampled at this one; none where nothing is sampled."""
        return {}

    def part(self, rows: Sequence[Row], pad: int) -> Part:
        """Rows as tensors, padded on the right."""
        read, learned = zip(*rows, strict=True)
        return _padded(read, pad), _padded(learned, IGNORED)

    def summed_loss(self, model: Any, ids: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Cross-entropy in nats, summed over the labelled tokens of ids and labels, each (rows, time)."""
        logits = self.logits(model, ids, labels)
        return cross_entropy(logits.flatten(0, 1).float(), labels.flatten(), ignore_index=IGNORED, reduction="sum")


def _padded(rows: Sequence[list[int]], filling: int) -> torch.Tensor:
    width = max(map(len, rows))
    width += -width % ROUND
    out = torch.full((len(rows), width), filling)
    for index, row in enumerate(rows):
        out[index, : len(row)] = torch.tensor(row)
    return out
