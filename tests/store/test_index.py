"""The index: events from a cursor, lists in order, and a file that may be lost."""

import json
import sqlite3
from dataclasses import replace

import pytest

from workbench.errors import StorageError
from workbench.store.index import MOST_STEPS, Entry, Index
from workbench.store.keeper import Keeper

ENTRY = Entry("run", "race", 0, "2026-01-01", "me", "name", ("a", "b"), "running", 1, 10, spec={"seed": 0})


def steps(numbers: range) -> list[tuple[int, bool, str]]:
    return [(number, True, json.dumps({"step": number})) for number in numbers]


def read_in_parts(index: Index, race: str, most: int, number: int = 0) -> list[str]:
    """All events after a number, so many at once."""
    records = []
    while True:
        number, part = index.events_after(number, race, most)
        if not part:
            return records
        assert len(part) <= most
        records += part


def test_an_entry_comes_back_as_it_was_put(index) -> None:
    index.put(ENTRY)
    assert index.entry("run") == ENTRY
    index.put(replace(ENTRY, state="finished"))
    assert index.entries() == [replace(ENTRY, state="finished")]
    assert index.entry("another") is None


def test_the_newest_race_comes_first_and_keeps_its_own_order(index) -> None:
    for race, created in (("a", "1"), ("c", "2"), ("b", "2")):
        for place in (1, 0):
            index.put(Entry(f"{race}{place}", race, place, created, state="queued" if race == "a" else "finished"))
    assert [entry.run for entry in index.entries()] == ["c0", "c1", "b0", "b1", "a0", "a1"]
    assert [entry.run for entry in index.entries("a")] == ["a0", "a1"]
    assert [entry.run for entry in index.active()] == ["a0", "a1"]
    assert index.states("b") == [("b0", "finished", ""), ("b1", "finished", "")]


def test_events_come_from_a_cursor_and_of_one_race_only(index) -> None:
    other = replace(ENTRY, run="other", race="another")
    index.add([(ENTRY, steps(range(1, 4))), (other, steps(range(7, 9)))])
    index.add([(ENTRY, steps(range(4, 6)))])
    upto, records = index.events_after(0, "race")
    assert [json.loads(record)["step"] for record in records] == [1, 2, 3, 4, 5]
    assert index.events_after(upto, "race") == (upto, [])
    assert upto == index.newest("race")
    assert index.newest("nothing") == 0
    for most in (1, 2, 3):
        assert read_in_parts(index, "race", most) == records


@pytest.mark.parametrize("total", [1, 499, 500, 1700, 12_345])
def test_a_long_run_is_thinned_the_same_way_whenever_it_is_read(index, total: int) -> None:
    entry, seen, upto = replace(ENTRY, steps=total), [], 0
    for first in range(1, total + 1, 700):
        looks = [(first, False, json.dumps({"look": first}))]
        index.add([(entry, [*steps(range(first, min(first + 700, total + 1))), *looks])])
        upto, records = index.events_after(upto, "race")
        seen += records  # a page that was there all the time
    whole = index.events_after(0, "race", 10**6)[1]
    assert seen == whole == read_in_parts(index, "race", 97)
    numbers = [record["step"] for record in map(json.loads, whole) if "step" in record]
    assert numbers[0] == 1 and len(numbers) <= MOST_STEPS + 1
    assert len(whole) - len(numbers) == len(range(1, total + 1, 700))  # nothing else is left out


def test_a_dropped_run_is_gone_with_its_events_and_no_number_comes_twice(index) -> None:
    index.add([(ENTRY, steps(range(1, 4)))])
    newest = index.newest("race")
    index.drop("run")
    assert (index.entries(), index.events_after(0, "race")) == ([], (0, []))
    index.add([(ENTRY, steps(range(1, 2)))])
    assert index.newest("race") > newest


def test_news_is_taken_in_whole_or_not_at_all(index) -> None:
    with pytest.raises(sqlite3.Error):
        index.add([(ENTRY, steps(range(3))), (replace(ENTRY, state=None), ())])
    assert (index.entries(), index.newest("race")) == ([], 0)


@pytest.mark.parametrize("damage", ["delete", "garbage", "version"])
def test_a_lost_or_damaged_file_is_made_again_from_the_folders(home, finished, damage: str) -> None:
    folders = [*finished("none", "lora"), *finished("full")]
    path = home / "index.sqlite"
    before, after = (), ()
    for turn in range(2):
        index = Index(path)
        keeper = Keeper(home, index)
        keeper.catch_up()
        races = sorted({entry.race for entry in index.entries()})
        facts = (index.entries(), [index.events_after(0, race)[1] for race in races])
        before, after = (facts, after) if turn == 0 else (before, facts)
        index.close()
        if turn == 0:
            {
                "delete": path.unlink,
                "garbage": lambda: path.write_bytes(b"no database" * 1000),
                "version": lambda: sqlite3.connect(path).execute("PRAGMA user_version = 99").connection.close(),
            }[damage]()
    assert before == after
    assert {entry.run for entry in after[0]} == {folder.id for folder in folders}


def test_a_home_that_is_a_file_is_one_sentence(tmp_path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be written"):
        Index(tmp_path / "file" / "index.sqlite")
