"""The corpus: an endless, seeded stream of documents of every kind, in fixed shares."""

import re
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from itertools import count as count_up
from random import Random

from workbench.pocket import dialogues, facts, odds, snippets, stories, sums, tracking

# The share of tokens, roughly, that each kind of document has in the corpus.
SHARES = {
    "english story": 0.38,
    "spanish story": 0.15,
    "tracking": 0.20,
    "sums": 0.08,
    "python": 0.05,
    "facts": 0.07,
    "dialogue": 0.06,
    "odds": 0.01,
}
SAMPLE_DOCUMENTS = 400
PIECE = re.compile(r"[^\W\d_]+| ?\d|_|\n|[^\w\s]+")
HELD_OUT_SEED = 1 << 40


@dataclass(frozen=True, slots=True)
class Document:
    """One text of the corpus and its kind, a key of `SHARES`."""

    kind: str
    text: str


WRITERS: dict[str, Callable[[Random], str]] = {
    "english story": stories.story,
    "spanish story": lambda rng: stories.story(rng, "spanish"),
    "tracking": tracking.write,
    "sums": sums.write,
    "python": snippets.write,
    "facts": facts.write,
    "dialogue": dialogues.write,
    "odds": lambda rng: odds.write(rng, words_of_the_world()),
}


def documents(
    seed: int, count: int | None = None, kinds: Sequence[str] | None = None, start: int = 0
) -> Iterator[Document]:
    """Yield documents `start`, `start + 1`, ... of the stream that `seed` names.

    Document i depends on the seed, i and `kinds` only, so a stream can be entered anywhere and
    comes out the same in every process. Without a count it never ends.
    """
    names = tuple(kinds or SHARES)
    edges = _edges(names)
    rng = Random()
    indices = count_up(start) if count is None else range(start, start + count)
    for index in indices:
        rng.seed((seed << 64) | index)
        kind = names[bisect(edges, rng.random())]
        yield Document(kind, WRITERS[kind](rng))


def base_domain(seed: int, count: int) -> Iterator[Document]:
    """Yield held-out documents of all kinds, for measuring a model on its own domain."""
    return documents(HELD_OUT_SEED + seed, count)


@cache
def _edges(kinds: tuple[str, ...]) -> tuple[float, ...]:
    """Return the inner edges in [0, 1] that give each kind its share of tokens."""
    weights = [SHARES[kind] / mean_pieces(kind) for kind in kinds]
    return tuple(reached / sum(weights) for reached in accumulate(weights[:-1]))


@cache
def mean_pieces(kind: str) -> float:
    """Return the mean length of a kind of document in words, digits and marks.

    That is close to its number of tokens, and known before there is a tokenizer.
    """
    texts = (WRITERS[kind](Random(index)) for index in range(SAMPLE_DOCUMENTS))
    return sum(len(PIECE.findall(text)) for text in texts) / SAMPLE_DOCUMENTS


@cache
def words_of_the_world() -> tuple[str, ...]:
    """Return the words of all kinds of documents, in alphabetical order."""
    words: set[str] = set()
    for kind in WRITERS:
        if kind != "odds":
            for index in range(SAMPLE_DOCUMENTS):
                text = WRITERS[kind](Random(index))
                words.update("".join(c if c.isalpha() else " " for c in text).split())
    return tuple(sorted(word for word in words if 1 < len(word) < 15))
