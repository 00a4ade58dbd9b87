"""The keeper: the index says what the journals say, however they grow, and who died."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.errors import RunError
from workbench.history import History
from workbench.runs.folder import create_race, delete_run
from workbench.runs.labels import Labels, read_labels, write_labels
from workbench.runs.liveness import hold
from workbench.runs.summary import read_history, summary
from workbench.spec import RunSpec
from workbench.store.index import Index
from workbench.store.keeper import Keeper

ROOT = Path(__file__).parents[2]


@pytest.fixture
def keeper(home, index) -> Keeper:
    return Keeper(home, index)


def seqs(index: Index, race: str) -> list[int]:
    return [json.loads(record)["seq"] for record in index.events_after(0, race)[1]]


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
def test_a_journal_read_in_small_bites_gives_what_it_gives_as_a_whole(home, index, keeper, finished, size) -> None:
    (folder,) = finished("lora", steps=5)
    whole, data = read_history(folder), folder.journal.read_bytes()
    heard: list[set[str]] = []
    keeper.on_news = heard.append
    folder.journal.write_bytes(b"")
    keeper.watch(folder)
    lock = hold(folder.path)
    for end in range(size, len(data) + size, size):
        with folder.journal.open("ab") as file:
            file.write(data[end - size : end])
        keeper.look(ask_liveness=True)
    lock.release()
    entry = index.entry(folder.id)
    assert entry is not None
    assert (entry.state, entry.step, entry.steps, entry.seq) == (whole.state, whole.step, whole.steps, whole.seq)
    assert entry.summary == json.loads(json.dumps(summary(folder.spec(), whole)))
    assert entry.read == len(data)
    assert seqs(index, entry.race) == list(range(whole.seq + 1))
    assert heard and all(races == {entry.race} for races in heard)


def test_a_second_keeper_goes_on_where_the_first_stopped(home, index, keeper, finished) -> None:
    (folder,) = finished("lora", steps=5)
    data = folder.journal.read_bytes()
    folder.journal.write_bytes(data[: len(data) // 2])
    keeper.catch_up()
    folder.journal.write_bytes(data)
    Keeper(home, index).catch_up()
    entry, whole = index.entry(folder.id), read_history(folder)
    assert entry is not None and entry.summary == json.loads(json.dumps(summary(folder.spec(), whole)))
    assert (entry.state, seqs(index, entry.race)) == ("finished", list(range(whole.seq + 1)))


def test_a_worker_that_dies_leaves_an_interrupted_run(home, index, keeper, worker) -> None:
    command = [sys.executable, str(worker), "record", str(home), "1000000", "lora"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        process.stdout.readline()
        keeper.catch_up()
        (entry,) = index.entries()
        assert entry.state == "running"
        process.kill()
    keeper.look(ask_liveness=True)
    (entry,) = index.entries()
    assert (entry.state, entry.is_active) == ("interrupted", False)
    assert "go on from its last checkpoint" in entry.hint
    keeper.look(ask_liveness=True)
    assert index.entries() == [entry]


def test_a_run_whose_worker_ended_before_it_began_is_interrupted(home, index, keeper, queued) -> None:
    folders = queued("none", "lora")
    keeper.catch_up()
    assert [entry.state for entry in index.entries()] == ["queued", "queued"]
    keeper.settle(folders[:1])
    assert [entry.state for entry in index.entries()] == ["interrupted", "queued"]
    keeper.look(ask_liveness=True)
    assert [entry.state for entry in index.entries()] == ["interrupted", "queued"]


def test_a_run_waits_again_and_its_new_events_follow_the_old_ones(home, index, keeper, finished) -> None:
    (folder,) = finished("lora")
    whole = folder.journal.read_bytes().splitlines(keepends=True)
    folder.journal.write_bytes(b"".join(whole[:4]))
    keeper.catch_up()
    (entry,) = index.entries()
    assert entry.state == "interrupted"
    keeper.wait_again(folder)
    for again in (keeper, Keeper(home, index)):
        again.look(ask_liveness=True)
        assert [(entry.state, entry.hint) for entry in index.entries()] == [("queued", "")]
    restarted = Keeper(home, index)
    restarted.catch_up()  # a server that starts again lets it wait still
    assert index.entries()[0].state == "queued"
    folder.journal.write_bytes(b"".join(whole))
    restarted.look()
    assert index.entries()[0].state == "finished"
    assert seqs(index, entry.race) == list(range(len(whole)))


def test_labels_outlive_events_and_a_lost_index(home, index, keeper, queued, finished) -> None:
    (folder,) = finished("lora")
    data = folder.journal.read_bytes()
    folder.journal.write_bytes(b"")
    write_labels(folder.path, Labels("me"))
    keeper.watch(folder)
    labels = Labels("me", "mine", ("a", "b"))
    write_labels(folder.path, labels)
    keeper.relabel(folder.id, labels)
    folder.journal.write_bytes(data)
    keeper.look()
    (entry,) = index.entries()
    assert (entry.owner, entry.name, entry.tags, entry.state) == ("me", "mine", ("a", "b"), "finished")
    keeper.relabel(folder.id, Labels("me", "again"))
    assert index.entries()[0].name == "again"
    index.drop(folder.id)
    keeper.catch_up()
    (entry,) = index.entries()
    assert (entry.owner, entry.name, entry.tags) == ("me", "mine", ("a", "b"))


def test_damaged_labels_are_no_labels(queued) -> None:
    (folder,) = queued("lora")
    for text in ("", "[]", '{"owner": 1}', "\x00"):
        (folder.path / "labels.json").write_text(text)
        assert read_labels(folder.path) == Labels()


def test_a_damaged_journal_is_said_once_and_hides_no_other(home, index, keeper, finished) -> None:
    heard: list[set[str]] = []
    broken, whole = finished("none", "lora")
    lines = broken.journal.read_bytes().splitlines(keepends=True)
    broken.journal.write_bytes(b"".join(lines[:2]) + b"no event\n" + b"".join(lines[2:]))
    keeper.catch_up()
    assert [entry.state for entry in index.entries()] == ["damaged", "finished"]
    assert "is damaged" in index.entries()[0].hint
    keeper.on_news = heard.append
    keeper.look(ask_liveness=True)
    assert heard == []


def test_a_journal_that_is_damaged_later_does_not_seem_to_go_on(home, index, keeper, finished) -> None:
    (folder,) = finished("lora")
    lines = folder.journal.read_bytes().splitlines(keepends=True)
    folder.journal.write_bytes(b"".join(lines[:3]))
    lock = hold(folder.path)
    keeper.catch_up()
    assert index.entries()[0].state == "running"
    lock.release()
    folder.journal.write_bytes(b"no event\n" + b"".join(lines))
    Keeper(home, index).catch_up()
    assert [(entry.state, entry.is_active) for entry in index.entries()] == [("damaged", False)]


def test_a_folder_without_a_readable_spec_is_passed_over(home, index, keeper, finished) -> None:
    broken, whole = finished("none", "lora")
    (broken.path / "spec.json").write_text("{")
    keeper.catch_up()
    assert [entry.run for entry in index.entries()] == [whole.id]


def test_a_run_that_is_deleted_is_gone(home, index, keeper, finished) -> None:
    kept, forgotten, lost = finished("none", "lora", "full")
    keeper.catch_up()
    keeper.forget(forgotten.id)
    delete_run(forgotten)
    delete_run(lost)
    keeper.catch_up()
    assert [entry.run for entry in index.entries()] == [kept.id]


def test_the_thread_takes_in_what_happens_until_it_is_closed(home, index, finished) -> None:
    (first,) = finished("none")
    keeper = Keeper(home, index)
    keeper.open()
    (folder,) = create_race([RunSpec()], home)
    keeper.watch(folder)
    (done,) = finished("lora")
    folder.journal.write_bytes(done.journal.read_bytes().replace(done.id.encode(), folder.id.encode()))
    keeper.close()
    assert {entry.state for entry in index.entries()} == {"finished"}
    assert index.entry(folder.id) and index.entry(first.id)


def test_an_unread_run_has_the_summary_of_a_fresh_history(home, index, keeper, queued) -> None:
    (folder,) = queued("lora")
    keeper.catch_up()
    assert index.entries()[0].summary == json.loads(json.dumps(summary(folder.spec(), History(folder.id))))
    with pytest.raises(RunError):
        (folder.path / "spec.json").unlink()
        folder.spec()
