"""Turns: the order of events is fixed, whoever computes; no run gets further ahead than one event."""

import threading
from collections.abc import Iterator

import pytest
import torch

from workbench.events import Event, Failed, Finished, Stepped, Stopped
from workbench.training import turns
from workbench.training.device import choose_device
from workbench.training.race import race
from workbench.training.turns import in_turn, workers


def stepped(name: str, step: int) -> Stepped:
    return Stepped(name, step, step, 0.0, 1.0, 1.0, 1.0, 1, 1.0)


def lane(name: str, steps: int, taken: list[str], end: type[Event] = Finished) -> Iterator[Event]:
    for step in range(steps):
        taken.append(name)
        yield stepped(name, step)
    taken.append(name)
    facts = {Finished: {"artifact": ""}, Failed: {"error": "no", "hint": ""}, Stopped: {}}[end]
    yield end(name, steps, steps, 0.0, **facts)


@pytest.mark.parametrize("threads", [1, 3])
def test_runs_take_turns_until_each_has_ended(threads):
    lanes = [lane("a", 3, []), lane("b", 1, [], Failed), lane("c", 2, [], Stopped)]
    order = [f"{event.run}{event.step}" for event in in_turn(lanes, threads, 1)]
    assert order == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "c2", "a3"]


def test_no_run_is_more_than_one_event_ahead():
    taken: list[str] = []
    events = in_turn([lane("a", 50, taken), lane("b", 50, taken)], 2, 1)
    for place in range(1, 20):
        next(events)
        assert taken.count("a") <= place // 2 + 2
        assert taken.count("b") <= place // 2 + 2
    events.close()


def test_two_runs_really_work_at_once():
    both = threading.Barrier(2, timeout=60)

    def meeting(name: str) -> Iterator[Event]:
        both.wait()  # breaks unless the other run is in here as well
        yield Finished(name, 0, 0, 0.0, artifact="")

    assert len(list(in_turn([meeting("a"), meeting("b")], 2, 1))) == 2


def test_what_was_lent_is_given_back_when_the_reader_leaves():
    before, running = torch.get_num_threads(), threading.active_count()
    events = in_turn([lane("a", 50, []), lane("b", 50, [])], 2, 1)
    next(events)
    events.close()
    assert (torch.get_num_threads(), threading.active_count()) == (before, running)


def test_small_models_get_a_core_each_and_large_ones_all(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    device = choose_device("float32", 1)
    assert workers(3_000_000, device, 6) == (4, 1)
    assert workers(3_000_000, device, 1) == (1, 1)  # the same sums alone as in a race
    assert workers(turns.LARGEST_ON_ONE_CORE, device, 6) == (1, 4)


def test_curves_do_not_depend_on_how_many_work_at_once(spec, base, gpt2, monkeypatch):
    specs = [spec(method=name) for name in ("full", "lora", "prefix", "adapter")]

    def told(model, count: int) -> list[tuple[object, ...]]:
        monkeypatch.setattr("workbench.training.race.workers", lambda *_: (count, 1))
        return [
            (event.run, event.seq, getattr(event, "loss", None), getattr(event, "samples", None))
            for event in race(specs, base=model)
        ]

    for model in (base, gpt2):  # the second drops out: its random numbers are one run's at a time
        assert told(model, 1) == told(model, 3)
