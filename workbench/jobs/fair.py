"""Whose turn it is: jobs wait in the order of their owners' turns, not of a busy owner's clicks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """A job that waits; `place` grows with every job that comes."""

    job: str
    owner: str
    place: int


def in_order(waiting: Iterable[Waiting], served: Mapping[str, int]) -> list[Waiting]:
    """The jobs in the order in which they will start.

    Each owner's jobs keep their own order, and owners take turns: who was served longest ago comes first
    (round robin, as in fair queueing, Nagle 1987, RFC 970). `served` is a number for each owner that grows with
    time, of when a job of theirs last began.
    """
    queues: dict[str, list[Waiting]] = {}
    for job in sorted(waiting, key=lambda job: job.place):
        queues.setdefault(job.owner, []).append(job)
    turns: dict[str, tuple[int, int]] = {
        owner: (served.get(owner, -1), jobs[0].place) for owner, jobs in queues.items()
    }
    owners = sorted(queues, key=lambda owner: turns[owner])
    return _deal([queues[owner] for owner in owners])


def _deal(queues: Sequence[Sequence[Waiting]]) -> list[Waiting]:
    """The first of each, then the second of each, and so on."""
    longest = max((len(queue) for queue in queues), default=0)
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)]
