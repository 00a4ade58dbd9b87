"""See examples as the model does: every token, which of them are learned, what was cut or comes twice."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.tasks.contract import IGNORED, Record
from workbench.tasks.encode import DECODER, Encoded, Layout, encode, is_learned, written

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PART = "\ufffd"  # what a decoder writes for bytes that are no whole character
MOST_PARTS = 8  # tokens: a character has at most four bytes in UTF-8, and a token may end one and begin another


@dataclass(frozen=True)
class Token:
    """One token: the text it stands for, its id, and whether the model learns to predict it.

    A token that is only a part of a character shows as the replacement character.
    """

    text: str
    id: int
    learned: bool


@dataclass(frozen=True)
class TokenView:
    """One example as tokens; `truncated` tokens were cut, `copies` records are equal to it, itself included."""

    tokens: tuple[Token, ...]
    truncated: int
    copies: int

    @property
    def learned(self) -> int:
        """How many tokens the loss counts."""
        return sum(token.learned for token in self.tokens)


@dataclass(frozen=True)
class Piece:
    """A text as a person reads it: one token, or the `tokens` that only together are whole characters."""

    text: str
    learned: bool
    tokens: int


@dataclass(frozen=True)
class DataReport:
    """Examples as the model sees them, and what happened to them on the way."""

    views: tuple[TokenView, ...]
    records: int
    tokens: int
    learned_tokens: int
    longest: int  # tokens in the longest example, before it is cut
    truncated_records: int
    truncated_tokens: int
    cut_targets: int  # records that lose a part of what they should teach, not of the prompt alone
    duplicates: int  # records whose prompt and target occurred before
    empty: int  # records of which nothing is learned, or the end alone
    by_head: bool = False

    def sentences(self) -> tuple[str, ...]:
        """The report in words, a sentence a finding."""
        learned = "read to learn their labels" if self.by_head else f"{self.learned_tokens} of them learned"
        told = [f"{self.records} examples have {self.tokens} tokens, {learned}."]
        told += self.faults()
        if self.duplicates:
            told.append(f"{self.duplicates} examples occur more than once.")
        return tuple(told)

    def faults(self) -> tuple[str, ...]:
        """What is lost of the examples, a sentence a finding."""
        told = []
        if self.empty:
            told.append(f"{self.empty} examples have an empty target mask: none of their target's tokens is learned.")
        if self.truncated_records:
            told.append(f"{self.truncated_records} examples are too long and lose {self.truncated_tokens} tokens.")
        if self.cut_targets:
            told.append(f"{self.cut_targets} of them lose a part of their target, and the token with which it ends.")
        return tuple(told)


def look(
    records: Sequence[Record],
    tokenizer: "PreTrainedTokenizerBase",
    max_length: int,
    views: int = 8,
    layout: Layout = DECODER,
) -> DataReport:
    """Encode all records as training does and report on them; the first `views` are shown token by token.

    What an encoder-decoder reads stands before what it learns to write.
    """
    copies = Counter((record.prompt, record.target) for record in records)
    encoded = [encode(record, tokenizer, max_length, layout) for record in records]
    shown = tuple(
        TokenView(
            tuple(
                Token(str(tokenizer.decode([token])), token, label != IGNORED and not example.by_head)
                for token, label in zip(*_shown(example), strict=True)
            ),
            example.truncated,
            copies[record.prompt, record.target],
        )
        for record, example in zip(records[:views], encoded[:views], strict=True)
    )
    return DataReport(
        views=shown,
        records=len(records),
        tokens=sum(example.size for example in encoded),
        learned_tokens=sum(example.targets for example in encoded),
        longest=max((example.size + example.truncated for example in encoded), default=0),
        truncated_records=sum(example.truncated > 0 for example in encoded),
        truncated_tokens=sum(example.truncated for example in encoded),
        cut_targets=sum(_loses_target(*pair, tokenizer) for pair in zip(records, encoded, strict=True)),
        duplicates=len(records) - len(copies),
        empty=sum(not is_learned(example, tokenizer) for example in encoded),
        by_head=bool(layout.labels),
    )


def pieces(view: TokenView, tokenizer: "PreTrainedTokenizerBase") -> list[Piece]:
    """The tokens of an example, those that are parts of characters taken together where that makes the text whole."""
    found: list[Piece] = []
    place = 0
    while place < len(view.tokens):
        piece = _whole(view.tokens[place : place + MOST_PARTS], tokenizer)
        found.append(piece)
        place += piece.tokens
    return found


def _whole(tokens: Sequence[Token], tokenizer: "PreTrainedTokenizerBase") -> Piece:
    """The fewest of the tokens, from the first, that make whole characters; the first alone where none do."""
    first = tokens[0]
    for size in range(2, len(tokens) + 1 if PART in first.text else 0):
        text = str(tokenizer.decode([token.id for token in tokens[:size]]))
        if tokens[size - 1].learned != first.learned:
            break
        if PART not in text:
            return Piece(text, first.learned, size)
    return Piece(first.text, first.learned, 1)


def _shown(example: Encoded) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Ids and labels, those of the source first."""
    return (*example.source, *example.ids), (*[IGNORED] * len(example.source), *example.labels)


def _loses_target(record: Record, example: Encoded, tokenizer: "PreTrainedTokenizerBase") -> bool:
    if not example.truncated or example.by_head:
        return False
    if example.is_filled:
        return example.targets < len(tokenizer.encode(record.target, add_special_tokens=False))
    return example.targets < len(written(record, tokenizer))
