"""Run folders: created whole, found by a few letters, deleted unless at work."""

import re
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import RunError, StorageError
from workbench.runs.folder import RunFolder, create_race, delete_run, find_run, find_runs, list_runs
from workbench.runs.liveness import hold


def test_an_id_says_when_and_what(home: Path, specs_of: Any) -> None:
    folders = create_race(specs_of(["lora", "full"], 3), home)
    assert re.fullmatch(r"\d{8}-\d{6}-lora-[0-9a-f]{4}", folders[0].id)
    assert folders[0].path == home / "runs" / folders[0].id


def test_a_race_keeps_its_specs_and_its_order(home: Path, specs_of: Any) -> None:
    specs = specs_of(["lora", "full", "adapter"], 3)
    folders = create_race(specs, home)
    assert [folder.spec() for folder in folders] == specs
    assert len({folder.about().race for folder in folders}) == 1
    assert [folder.id for folder in find_runs(folders[0].about().race, home)] == [folder.id for folder in folders]


def test_the_same_method_twice_in_one_second_gets_two_ids(home: Path, specs_of: Any) -> None:
    folders = create_race(specs_of(["lora"] * 40, 3), home)
    assert len({folder.id for folder in folders}) == 40
    assert len(list_runs(home)) == 40


def test_a_strange_method_name_makes_a_safe_folder(home: Path, specs_of: Any) -> None:
    (folder,) = create_race(specs_of(["../../Etc/Passwd é"], 3), home)
    assert folder.path.parent == home / "runs"
    assert [found.id for found in list_runs(home)] == [folder.id]


def test_listing_passes_over_what_is_no_run(home: Path, queued: RunFolder) -> None:
    (home / "runs" / ".new-20260101-000000-lora-0000").mkdir()
    (home / "runs" / "notes").mkdir()
    assert [folder.id for folder in list_runs(home)] == [queued.id]
    assert list_runs(home / "nowhere") == []


def test_a_run_is_found_by_the_beginning_or_a_part_of_its_id(home: Path, queued: RunFolder) -> None:
    assert find_run(queued.id[:6], home) == queued
    assert find_run(queued.id[-9:], home) == queued


def test_a_name_that_fits_several_runs_is_refused_with_their_ids(home: Path, specs_of: Any) -> None:
    folders = create_race(specs_of(["lora", "full"], 3), home)
    with pytest.raises(RunError, match="fits 2 runs") as caught:
        find_run(folders[0].id[:10], home)
    assert folders[1].id in str(caught.value)


def test_a_mistyped_id_is_answered_with_the_nearest(home: Path, queued: RunFolder) -> None:
    with pytest.raises(RunError, match=f"Did you mean {queued.id}"):
        find_run(queued.id.replace("lora", "lroa"), home)


@pytest.mark.parametrize("name", ["", "..", "/", "../runs"])
def test_a_name_is_never_a_path(name: str, home: Path, queued: RunFolder) -> None:
    with pytest.raises(RunError, match="There is no run"):
        find_run(name, home)


def test_a_deleted_run_is_gone(home: Path, finished: RunFolder) -> None:
    delete_run(finished)
    assert list((home / "runs").iterdir()) == []


def test_a_run_at_work_is_not_deleted(home: Path, queued: RunFolder) -> None:
    lock = hold(queued.path)
    with pytest.raises(RunError, match="is going right now"):
        delete_run(queued)
    lock.release()
    assert list_runs(home) == [queued]


def test_a_damaged_spec_is_one_sentence(queued: RunFolder) -> None:
    (queued.path / "spec.json").write_text('{"model": 1, "seed": -4}')
    with pytest.raises(RunError, match="seed is -4"):
        queued.spec()
    (queued.path / "spec.json").write_text("[")
    with pytest.raises(RunError, match="cannot be read"):
        queued.spec()


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path: Path, specs_of: Any) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="could not be written"):
        create_race(specs_of(["lora"], 3), tmp_path / "file")


def test_a_full_disk_leaves_no_half_race(home: Path, specs_of: Any, largest_file: Any) -> None:
    with largest_file(100), pytest.raises(StorageError, match="disk is full"):
        create_race(specs_of(["lora", "full"], 3), home)
    assert list((home / "runs").iterdir()) == []
