from typing import Any

from workbench.events import Stepped
from workbench.widgets.following import Following, Here


def test_histories_grow_with_the_journals(going: Any) -> None:
    folders, events = going("full", "lora")
    following = Following(folders)
    assert following.read() == set()
    while not isinstance(next(events), Stepped):
        pass
    assert following.read() == {folder.id for folder in folders}
    assert [history.state for history in following.histories] == ["running", "running"]
    assert not following.is_over
    list(events)
    following.read()
    assert [history.state for history in following.histories] == ["finished", "finished"]
    assert following.is_over
    assert following.read() == set()


def test_a_run_whose_worker_died_is_interrupted(raced: Any) -> None:
    (folder,) = raced("lora")
    lines = folder.journal.read_bytes().splitlines(keepends=True)
    folder.journal.write_bytes(b"".join(lines[:-1]))
    following = Following([folder])
    following.read()
    assert following.histories[0].state == "interrupted"
    assert folder.id in following.histories[0].hint
    assert following.is_over


def test_a_run_of_which_more_is_expected_is_not_interrupted(raced: Any) -> None:
    class Mirror(Here):
        def expects(self, run: str) -> bool:
            return True

    (folder,) = raced("lora")
    lines = folder.journal.read_bytes().splitlines(keepends=True)
    folder.journal.write_bytes(b"".join(lines[:-1]))
    following = Following([folder], Mirror())
    following.read()
    assert following.histories[0].state == "running" and not following.is_over


def test_a_race_whose_process_ended_before_it_began_has_failed(queued: Any) -> None:
    class Ended:
        def poll(self) -> int:
            return 1

    following = Following(queued("lora"), Here(Ended()))  # type: ignore[arg-type]
    following.read()
    assert following.histories[0].state == "failed"
    assert "workbench.log" in following.histories[0].hint


def test_a_damaged_journal_hides_no_other_run(raced: Any) -> None:
    folders = raced("full", "lora")
    folders[0].journal.write_text("no event\n")
    following = Following(folders)
    following.read()
    assert [history.state for history in following.histories] == ["damaged", "finished"]
