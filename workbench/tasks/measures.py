"""What the tasks' own scores are made of."""

from collections.abc import Sequence


def mean(values: Sequence[float]) -> float:
    """The average; 0 where there is nothing to average."""
    return sum(values) / len(values) if values else 0.0


def squeeze(text: str) -> str:
    """The text with every run of white space as one space, none at the ends."""
    return " ".join(text.split())


def first_word(answer: str) -> str:
    """The first word of an answer in small letters, without the marks around it; empty where there is none."""
    first = answer.strip().split(maxsplit=1)[:1]
    return first[0].strip(".,!?\"'").lower() if first else ""
