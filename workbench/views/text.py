"""Texts from data made safe to show: no terminal escapes, no invisible marks that reorder a line."""

import re

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor moves
    r"|\x1b[\]PX^_].*?(?:\x1b\\|\x07|\Z)"  # operating system commands and the like, up to their end
    r"|\x1b[ -/]*[0-~]",  # other two-character escapes
    re.DOTALL,
)
# C0 and C1 controls without tab and newline; bidirectional overrides; zero-width marks; surrogates
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def one_way(text: str) -> str:
    """The text without the marks that turn the direction of what follows them, so that a label may go on after it."""
    return _TURNING.sub("", text)


def readable(text: object) -> str:
    """The text without terminal escapes and control characters; tabs and newlines stay."""
    return _INVISIBLE.sub("", _ESCAPES.sub("", str(text)))


def one_line(text: object, most: int = 0) -> str:
    """The readable text on one line, cut to `most` characters where that is not 0."""
    line = " ".join(readable(text).split())
    return line if not most or len(line) <= most else line[: most - 1] + "…"
