"""What a loss is told in: nats for each token that is predicted, or for each answer that a head picks."""

from collections.abc import Iterable

PER_TOKEN = "nats per token"  # of next-token prediction, and of the base's own texts whatever the objective
PER_ANSWER = "nats per answer"
UNLIKE = "unlike units: not to be compared"
UNKNOWN = "nats"  # of an objective of another version


def unit_of(units: Iterable[str]) -> str:
    """The unit of losses that stand together; unlike ones are all named."""
    return " or ".join(dict.fromkeys(units)) or PER_TOKEN


def axis_of(units: Iterable[str]) -> str:
    """The same for an axis, which names no unit where there are several but says that they are unlike."""
    found = set(units)
    return UNLIKE if len(found) > 1 else unit_of(found)


def short(unit: str) -> str:
    """The unit in the head of a column: nats/token."""
    return unit.replace(" per ", "/")
