"""The queue: races begin one at a time in a fair order, and a run that waits can be taken out of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from workbench.errors import RunError
from workbench.jobs.dispatcher import Dispatcher, Part
from workbench.jobs.executor import Job
from workbench.runs.folder import RunFolder, create_race
from workbench.runs.storage import write_json
from workbench.runs.summary import read_history
from workbench.spec import Budget, Choice, RunSpec


@dataclass
class Hand:
    """An executor whose jobs end when the test says so."""

    is_ready: bool = True
    is_broken: bool = False
    jobs: list[Job] = field(default_factory=list)

    def start(self, what: dict[str, Any], on_end: Callable[[int], None]) -> Job:
        if self.is_broken:
            raise RunError("The trainer is starting again.")
        self.jobs.append(Job(f"job-{len(self.jobs)}", what, on_end))
        return self.jobs[-1]

    def runs(self) -> list[list[str]]:
        """The runs of every job so far."""
        return [[path.rsplit("/", 1)[1] for path in job.what["folders"]] for job in self.jobs]


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def ended() -> list[str]:
    return []


@pytest.fixture
def dispatcher(hand, ended) -> Dispatcher:
    return Dispatcher(hand, on_end=lambda folders: ended.extend(folder.id for folder in folders))


@pytest.fixture
def race(home) -> Callable[..., list[RunFolder]]:
    def make(*methods: str) -> list[RunFolder]:
        return create_race([RunSpec(method=Choice(method), budget=Budget(steps=3)) for method in methods], home)

    return make


def test_one_race_goes_and_the_others_wait_in_a_fair_order(dispatcher, hand, ended, race) -> None:
    folders = {name: race("lora") for name in ("a1", "a2", "a3", "b1")}
    for name, runs in folders.items():
        dispatcher.submit(name, runs, owner=name[0])
    assert (dispatcher.going, len(hand.jobs)) == ("a1", 1)
    assert dispatcher.places() == {"b1": 1, "a2": 2, "a3": 3}
    begun = []
    for job in hand.jobs:  # grows while it is gone through
        begun.append(dispatcher.going)
        job.on_end(0)
    assert begun == ["a1", "b1", "a2", "a3"]
    assert ended == [folders[name][0].id for name in begun]
    assert (dispatcher.going, dispatcher.places()) == (None, {})


def test_the_line_tells_what_goes_and_what_waits_with_their_runs(dispatcher, hand, race) -> None:
    assert dispatcher.line() == (None, [])
    runs = {name: race("none", "lora") for name in ("a1", "a2", "b1")}
    for name, folders in runs.items():
        dispatcher.submit(name, folders, owner=name[0])
    parts = {name: Part(name, tuple(folder.id for folder in folders)) for name, folders in runs.items()}
    assert dispatcher.line() == (parts["a1"], [parts["b1"], parts["a2"]])
    dispatcher.stop(runs["b1"][0])
    hand.jobs[0].on_end(0)
    assert dispatcher.line() == (Part("b1", (runs["b1"][1].id,)), [parts["a2"]])


def test_the_runs_of_a_race_go_together_and_each_once(dispatcher, hand, race) -> None:
    hand.is_ready = False
    runs = race("none", "lora")
    for run in (*runs, runs[0]):
        dispatcher.submit("race", [run], "me")
    assert hand.jobs == []
    hand.is_ready = True
    dispatcher.advance()
    assert hand.runs() == [[run.id for run in runs]]


def test_a_race_whose_executor_is_gone_stays_in_the_queue(dispatcher, hand, race) -> None:
    hand.is_broken = True
    dispatcher.submit("race", race("lora"), "me")
    assert (dispatcher.going, dispatcher.places()) == (None, {"race": 1})
    hand.is_broken = False
    dispatcher.advance()
    assert (dispatcher.going, dispatcher.places()) == ("race", {})


def test_a_race_whose_worker_was_killed_makes_room_for_the_next(dispatcher, hand, race) -> None:
    for name in ("first", "second"):
        dispatcher.submit(name, race("lora"), "me")
    hand.jobs[0].on_end(-9)
    assert dispatcher.going == "second"


def test_a_run_that_waits_is_stopped_without_a_worker(dispatcher, hand, race) -> None:
    dispatcher.submit("going", race("lora"), "me")
    stays, leaves = race("none", "lora")
    dispatcher.submit("waiting", [stays, leaves], "me")
    dispatcher.stop(leaves)
    assert read_history(leaves).state == "stopped"
    hand.jobs[0].on_end(0)
    assert hand.runs()[1] == [stays.id]


def test_a_race_without_runs_leaves_the_queue(dispatcher, race) -> None:
    dispatcher.submit("going", race("lora"), "me")
    (run,) = race("lora")
    dispatcher.submit("waiting", [run], "me")
    dispatcher.stop(run)
    assert dispatcher.places() == {}


def test_a_going_run_is_asked_to_stop_and_an_older_wish_is_forgotten(dispatcher, race) -> None:
    (run,) = race("lora")
    run.ask_to_stop()
    dispatcher.submit("race", [run], "me")
    assert not run.is_stop_wanted
    dispatcher.stop(run)
    assert run.is_stop_wanted


def test_a_run_that_is_not_there_cannot_be_stopped(dispatcher, race) -> None:
    with pytest.raises(RunError, match="is not going"):
        dispatcher.stop(race("lora")[0])


def test_runs_of_one_race_with_other_numbers_of_steps_take_turns(dispatcher, hand, race) -> None:
    first = race("lora")
    folders = race("lora", "full", "prefix")
    spec = folders[1].spec()
    longer = replace(spec, budget=replace(spec.budget, steps=9))
    write_json(folders[1].path / "spec.json", longer.to_json())
    dispatcher.submit("first", first, "ann")
    dispatcher.submit("race", folders, "ann")
    for job in range(2):
        hand.jobs[job].on_end(0)
    assert hand.runs()[1:] == [[folders[0].id, folders[2].id], [folders[1].id]]
