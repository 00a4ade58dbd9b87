"""Odds and ends: signs, copies, spellings and characters from all over the world.

A token that a model never saw keeps its random embedding, and small tuning methods cannot mend
that. So these lines show every printable ASCII character, pieces of words, and every byte that
valid UTF-8 can hold. Bytes C0, C1 and F5 to FF never occur in UTF-8, so they are not in the
vocabulary either.
"""

from collections.abc import Sequence
from random import Random

PRINTABLE = "".join(chr(code) for code in range(33, 127))
ROWS = (
    "`1234567890-=",
    "qwertyuiop[]\\",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "~!@#$%^&*()_+",
    "QWERTYUIOP{}|",
    'ASDFGHJKL:"',
    "ZXCVBNM<>?",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "aeiou",
    "áéíóúüñ¿¡",
    "ÁÉÍÓÚÜÑ",
    "“”‘’–—…€",
)
# (first, last) code points; the spans of 2-, 3- and 4-byte UTF-8, without the surrogates.
SPANS = (
    (0x00, 0x1F),
    (0x7F, 0x7F),
    (0x80, 0xFF),
    (0x80, 0x7FF),
    (0x80, 0x7FF),
    (0x800, 0xD7FF),
    (0x800, 0xFFF),
    (0xE000, 0xFFFD),
    (0x10000, 0x3FFFF),
    (0x40000, 0x10FFFF),
)


def _characters(random, alphabet: str, low: int, high: int) -> str:
    size = low + int(random() * (high - low + 1))
    return "".join([alphabet[int(random() * len(alphabet))] for _ in range(size)])


def _sign(random, words: Sequence[str]) -> str:
    return f'The sign says "{_characters(random, PRINTABLE, 1, 6)}".'


def _copy(random, words: Sequence[str]) -> str:
    text = _characters(random, PRINTABLE, 1, 5)
    return f"{text} {text}"


def _run(random, words: Sequence[str]) -> str:
    text = _characters(random, PRINTABLE, 1, 1) * (2 + int(random() * 5))
    return f"{text} = {text}"


def _row(random, words: Sequence[str]) -> str:
    row = ROWS[int(random() * len(ROWS))]
    start = int(random() * len(row))
    return row[start : start + 8]


def _pieces(random, words: Sequence[str]) -> str:
    """Cut a word in two or three: "together = toge-ther"."""
    word = words[int(random() * len(words))]
    cut = 1 + int(random() * len(word))
    rest = word[cut:]
    second = 1 + int(random() * len(rest))
    pieces = [piece for piece in (word[:cut], rest[:second], rest[second:]) if piece]
    return f"{word} = {'-'.join(pieces)}"


def _begins(random, words: Sequence[str]) -> str:
    word = words[int(random() * len(words))]
    cut = 1 + int(random() * len(word))
    return f"{word}: {word[:cut]} {word[:cut]}"


def _world(random, words: Sequence[str]) -> str:
    text = ""
    for _ in range(1 + int(random() * 6)):
        first, last = SPANS[int(random() * len(SPANS))]
        text += chr(first + int(random() * (last - first + 1)))
    return f"{text} {text}"


LINES = (_sign, _copy, _run, _row, _pieces, _begins, _world, _world)


def write(rng: Random, words: Sequence[str]) -> str:
    """Write a few odd lines; `words` are the words of the world, to be cut into pieces."""
    random = rng.random
    lines = [LINES[int(random() * len(LINES))] for _ in range(3 + int(random() * 4))]
    return "\n".join([line(random, words) for line in lines])
