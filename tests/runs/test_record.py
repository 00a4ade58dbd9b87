"""Recording: journaled before it is seen, and whatever ends a race leaves every run with a last word."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import ModelError, RunError
from workbench.events import Event, Failed, Finished, Started, Stepped, Stopped
from workbench.runs.folder import RunFolder, create_race, list_runs
from workbench.runs.journal import Journal, read_events
from workbench.runs.liveness import is_alive
from workbench.runs.record import perform, record, resume
from workbench.runs.summary import read_history


def states(home: Path) -> list[str]:
    return [read_history(folder).state for folder in list_runs(home)]


def test_every_event_is_on_file_before_it_is_yielded(home: Path, specs_of: Any, fake_race: Any) -> None:
    for event in record(specs_of(["lora", "full"], 4), home, fake_race):
        assert read_events(home / "runs" / event.run / "events.jsonl")[-1] == event
    assert states(home) == ["finished", "finished"]


def test_a_run_is_queued_then_running_then_finished(queued: RunFolder, fake_race: Any) -> None:
    assert read_history(queued).state == "queued"
    events = perform([queued], fake_race)
    next(events)
    assert read_history(queued).state == "running"
    list(events)
    assert read_history(queued).state == "finished"
    assert not is_alive(queued.path)


def test_a_reader_that_closes_stops_the_runs(home: Path, specs_of: Any, fake_race: Any) -> None:
    events = record(specs_of(["lora", "full"], 100), home, fake_race)
    for _ in range(20):
        next(events)
    events.close()
    assert states(home) == ["stopped", "stopped"]
    assert not any(is_alive(folder.path) for folder in list_runs(home))
    for folder in list_runs(home):
        *_, step, stopped = read_events(folder.journal)
        assert isinstance(stopped, Stopped)
        assert (stopped.step, stopped.seconds) == (step.step, step.seconds)


def test_an_interrupt_inside_the_race_stops_the_runs(home: Path, specs_of: Any, fake_race: Any) -> None:
    def interrupted(specs: Any, runs: Any, *words: Any) -> Iterator[Event]:
        for number, event in enumerate(fake_race(specs, runs, *words)):
            if number == 15:
                raise KeyboardInterrupt
            yield event

    with pytest.raises(KeyboardInterrupt):
        list(record(specs_of(["lora", "full"], 100), home, interrupted))
    assert states(home) == ["stopped", "stopped"]
    assert not any(is_alive(folder.path) for folder in list_runs(home))


def test_a_race_that_cannot_begin_fails_its_runs_with_its_sentence(queued: RunFolder) -> None:
    def unreachable(specs: Any, runs: Any, *words: Any) -> Iterator[Event]:
        raise ModelError("The hub is out of reach.", "Use pocket-gpt.")

    with pytest.raises(ModelError, match="out of reach"):
        list(perform([queued], unreachable))
    history = read_history(queued)
    assert (history.state, history.error, history.hint) == ("failed", "The hub is out of reach.", "Use pocket-gpt.")


def test_a_fault_of_the_workbench_is_recorded_and_raised(queued: RunFolder) -> None:
    def faulty(specs: Any, runs: Any, *words: Any) -> Iterator[Event]:
        yield Started(runs[0], 0)
        raise ZeroDivisionError("oops")

    with pytest.raises(ZeroDivisionError):
        list(perform([queued], faulty))
    assert "ZeroDivisionError: oops" in read_history(queued).error


def test_a_run_that_the_race_forgets_fails(queued: RunFolder) -> None:
    def silent(specs: Any, runs: Any, *words: Any) -> Iterator[Event]:
        yield Started(runs[0], 0)

    assert isinstance(list(perform([queued], silent))[-1], Failed)
    assert read_history(queued).state == "failed"


def test_one_run_is_stopped_and_the_other_goes_on(home: Path, specs_of: Any, fake_race: Any) -> None:
    folders = create_race(specs_of(["lora", "full"], 20), home)
    for event in perform(folders, fake_race):
        if event.run == folders[0].id and event.step == 5 and isinstance(event, Stepped):
            folders[0].ask_to_stop()
    assert [read_history(folder).state for folder in folders] == ["stopped", "finished"]
    assert read_history(folders[0]).step < 8


def test_resuming_goes_on_in_the_same_journal(home: Path, specs_of: Any, fake_race: Any) -> None:
    events = record(specs_of(["lora", "full"], 10), home, fake_race)
    for _ in range(9):
        next(events)
    events.close()
    folders = list_runs(home)
    folders[0].ask_to_stop()  # an old wish does not stop the resumed run
    list(resume(folders, fake_race))
    for folder in folders:
        written = read_events(folder.journal)
        assert [event.seq for event in written] == list(range(len(written)))
        assert sum(isinstance(event, Started) for event in written) == 2
        assert read_history(folder).state == "finished"


def test_resuming_runs_of_two_races_takes_race_after_race(home: Path, specs_of: Any, fake_race: Any) -> None:
    folders = [*create_race(specs_of(["lora"], 3), home), *create_race(specs_of(["full"], 5), home)]
    runs = [event.run for event in resume(folders, fake_race)]
    assert runs == sorted(runs, key=runs.index)
    assert states(home) == ["finished", "finished"]


def test_a_finished_or_a_going_run_is_not_resumed(queued: RunFolder, fake_race: Any) -> None:
    events = perform([queued], fake_race)
    next(events)
    with pytest.raises(RunError, match="is going right now"):
        resume([queued], fake_race)
    with pytest.raises(RunError, match="is going right now"):
        list(perform([queued], fake_race))
    assert isinstance(list(events)[-1], Finished)
    with pytest.raises(RunError, match="is finished"):
        resume([queued], fake_race)


def test_a_run_whose_disk_is_full_fails_alone(home: Path, specs_of: Any, fake_race: Any, largest_file: Any) -> None:
    full, other = create_race(specs_of(["lora", "full"], 8), home)
    journal = Journal(full.journal)
    while full.journal.stat().st_size < 7000:
        journal.append(Stepped(full.id, 0))
    journal.close()
    with largest_file(7600):
        events = list(perform([full, other], fake_race))
    failed = [event for event in events if event.run == full.id][-1]
    assert isinstance(failed, Failed)
    assert "disk is full" in failed.error
    assert isinstance(events[-1], Finished)
    assert read_history(other).state == "finished"
    assert read_history(full).state in ("failed", "interrupted")  # the last word may not have fitted either
    assert not is_alive(full.path)


def test_a_damaged_journal_is_listed_as_damaged(queued: RunFolder, finished: RunFolder) -> None:
    finished.journal.write_bytes(b"nonsense\n" + finished.journal.read_bytes())
    history = read_history(finished)
    assert history.state == "damaged"
    assert "is damaged" in history.error
