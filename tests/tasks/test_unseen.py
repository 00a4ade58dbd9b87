"""The base has never read a task's formats: learning them is the transfer."""

from workbench.pocket import documents
from workbench.tasks import TASKS

MARKS = [(name, mark) for name, task in TASKS.items() for mark in task.unseen]


def test_every_made_task_names_its_marks() -> None:
    assert {name for name, _ in MARKS} == {name for name in TASKS if name != "own_file"}


def test_every_prompt_or_target_of_a_task_bears_a_mark() -> None:
    for name, task in TASKS.items():
        if name != "own_file":
            for record in task().records("train", 100, 0):
                assert any(mark in record.prompt + record.target for mark in task.unseen)


def test_the_corpus_holds_no_mark_of_a_task() -> None:
    text = "\n".join(document.text for document in documents(21, 20_000))
    assert [(name, mark) for name, mark in MARKS if mark in text] == []
