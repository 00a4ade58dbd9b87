"""The journal: acknowledged means on file, a torn line is nobody's, a cursor misses nothing."""

import math
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import RunError, StorageError
from workbench.events import Finished, Sampled, Started, Stepped
from workbench.runs.journal import Journal, Tail, read_events


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def test_events_come_back_as_they_were(path: Path) -> None:
    journal = Journal(path)
    events = [Started("a", 0, steps=3, counts={"total": 5}), Stepped("a", 0, 1, 0.5, loss=2.0), Finished("a", 0, 3)]
    written = [journal.append(event) for event in events]
    journal.close()
    assert read_events(path) == written
    assert [event.seq for event in written] == [0, 1, 2]
    assert journal.is_over


def test_a_loss_that_is_no_number_and_half_a_character_survive(path: Path) -> None:
    journal = Journal(path)
    journal.append(Stepped("a", 0, 1, loss=math.nan))
    journal.append(Sampled("a", 0, 1, samples=({"text": "niño \ud83d \u2028\r\n"},)))
    step, sample = read_events(path)
    assert isinstance(step, Stepped)
    assert isinstance(sample, Sampled)
    assert math.isnan(step.loss)
    assert sample.samples[0]["text"] == "niño \ud83d \u2028\r\n"


@pytest.mark.parametrize("torn", [b"{", b'{"event":"stepped","run":"a","seq":1', b"\x00" * 50, "é".encode()[:1]])
def test_a_torn_line_is_passed_over_and_cut_by_the_next_writer(path: Path, torn: bytes) -> None:
    Journal(path).append(Started("a", 0))
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    assert len(read_events(path)) == 1
    journal = Journal(path)
    assert path.read_bytes() == whole
    assert journal.append(Stepped("a", 0, 1)).seq == 1
    assert [event.seq for event in read_events(path)] == [0, 1]


def test_a_tail_goes_on_from_its_cursor(path: Path) -> None:
    tail = Tail(path)
    assert tail.read() == []
    journal = Journal(path)
    journal.append(Started("a", 0))
    assert [event.seq for event in tail.read()] == [0]
    with path.open("ab") as file:
        file.write(b'{"event":"step')
    assert tail.read() == []
    Journal(path).append(Stepped("a", 0, 1))
    assert [event.seq for event in Tail(path, tail.offset).read()] == [1]
    assert [event.seq for event in read_events(path, after=0)] == [1]


def test_an_interrupt_between_writing_and_counting_loses_and_doubles_nothing(path: Path) -> None:
    journal = Journal(path)
    journal.append(Started("a", 0))
    stale_size, stale_last = journal._size, journal.last
    journal.append(Stepped("a", 0, 1))
    journal._size, journal.last = stale_size, stale_last  # as Ctrl-C leaves it right after the write
    assert journal.append(Stepped("a", 0, 2)).seq == 2
    assert [event.seq for event in read_events(path)] == [0, 1, 2]


def test_a_full_disk_leaves_the_events_before_it(path: Path, largest_file: Any) -> None:
    journal = Journal(path)
    with largest_file(1000):
        for _ in range(3):
            journal.append(Stepped("a", 0))
        whole = path.read_bytes()
        with pytest.raises(StorageError, match="disk is full"):
            journal.append(Sampled("a", 0, samples=({"text": "x" * 2000},)))
        assert path.read_bytes() == whole
        journal.append(Stepped("a", 0))
    assert [event.seq for event in read_events(path)] == [0, 1, 2, 3]


def test_a_damaged_line_is_one_sentence(path: Path) -> None:
    path.write_bytes(b'{"event":"stepped"}\n')
    with pytest.raises(RunError, match="is damaged"):
        read_events(path)
    with pytest.raises(RunError, match="is damaged"):
        Journal(path)


def test_an_event_of_a_newer_version_is_passed_over(path: Path) -> None:
    path.write_bytes(b'{"event":"dreamt","run":"a","seq":0}\n')
    Journal(path).append(Started("a", 0))
    assert [type(event) for event in read_events(path)] == [Started]
