"""Whose turn it is: worked by hand, and held against the promises for queues of any kind."""

from itertools import groupby
from random import Random

from workbench.jobs.fair import Waiting, in_order


def jobs(waiting, served=None) -> str:
    return " ".join(job.job for job in in_order(waiting, served or {}))


def queue(text: str) -> list[Waiting]:
    """`a1 a2 b1`: jobs in the order in which they came, named after their owners."""
    return [Waiting(job, job[0], place) for place, job in enumerate(text.split())]


def test_a_busy_owner_does_not_hold_up_the_others() -> None:
    assert jobs(queue("a1 a2 a3 b1 c1 b2")) == "a1 b1 c1 a2 b2 a3"


def test_who_was_served_longest_ago_comes_first() -> None:
    waiting = queue("a1 a2 b1 c1")
    assert jobs(waiting, {"a": 5, "b": 3}) == "c1 b1 a1 a2"
    assert jobs(waiting, {"a": 5, "b": 6, "c": 7}) == "a1 b1 c1 a2"


def test_nobody_waits() -> None:
    assert in_order([], {"a": 1}) == []


def test_any_queue_keeps_its_promises() -> None:
    chance = Random(0)
    for _ in range(200):
        waiting = [Waiting(f"job-{place}", chance.choice("abcde"), place) for place in range(chance.randrange(1, 20))]
        served = {owner: chance.randrange(100) for owner in "abc"}
        order = in_order(chance.sample(waiting, len(waiting)), served)
        assert sorted(order, key=lambda job: job.place) == waiting
        for owner in "abcde":
            places = [job.place for job in order if job.owner == owner]
            assert places == sorted(places)  # everybody's own order
        turns = [order.index(job) for job in order]
        assert turns == list(range(len(order)))
        counts: dict[str, int] = {}
        rounds = []
        for job in order:
            rounds.append(counts.get(job.owner, 0))
            counts[job.owner] = rounds[-1] + 1
        assert rounds == sorted(rounds)  # nobody has a second turn before all had a first one
        assert all(len({*group}) == 1 for _, group in groupby(rounds))


def test_beginning_with_the_first_again_and_again_serves_everybody_in_turn() -> None:
    waiting, served, begun = queue("a1 a2 a3 a4 b1 b2"), {}, []
    for turn in range(6):
        if turn == 3:
            waiting.append(Waiting("c1", "c", 9))
        first = in_order(waiting, served)[0]
        served[first.owner] = turn
        waiting.remove(first)
        begun.append(first.job)
    assert begun == ["a1", "b1", "a2", "c1", "b2", "a3"]
