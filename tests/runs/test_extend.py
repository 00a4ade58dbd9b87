"""More steps for runs that ended: really trained, from the last checkpoint, under the longer schedule."""

import shutil
from pathlib import Path

import pytest

from workbench.errors import RunError, SpecError
from workbench.events import Started, Stepped
from workbench.runs.extend import extend, has_steps_left
from workbench.runs.folder import RunFolder, create_race, list_runs
from workbench.runs.journal import read_events
from workbench.runs.record import perform, record, resume
from workbench.runs.summary import read_history
from workbench.spec import Budget, Choice, RunSpec
from workbench.training.optimizer import rate_factor

BUDGET = Budget(
    steps=4, batch_size=2, examples=8, evaluation_examples=2, metric_examples=0, max_length=24, precision="float32"
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished race of `none` and a LoRA on the bundled nano model."""
    home = tmp_path_factory.mktemp("trained")
    specs = [RunSpec("pocket-gpt-nano", Choice("feelings"), Choice(name), budget=BUDGET) for name in ("none", "lora")]
    list(record(specs, home))
    return home


@pytest.fixture
def folders(trained: Path, tmp_path: Path) -> list[RunFolder]:
    """A copy of the race: the base, then the LoRA."""
    shutil.copytree(trained, tmp_path / "home")
    return sorted(list_runs(tmp_path / "home"), key=lambda folder: folder.about().order)


def test_a_finished_run_trains_longer_from_where_it_was(folders: list[RunFolder]) -> None:
    lora = folders[1]
    before = read_history(lora)
    assert not has_steps_left(lora)
    assert extend(folders, 3) == [lora]  # the base trains nothing
    assert has_steps_left(lora)
    list(resume([lora]))
    after = read_history(lora)
    assert (after.state, after.step, after.steps) == ("finished", 7, 7)
    assert after.losses[:4] == before.losses
    assert [step for step, _ in after.losses] == [1, 2, 3, 4, 5, 6, 7]
    events = read_events(lora.journal)
    assert [event.resumed_from for event in events if isinstance(event, Started)] == [0, 4]
    rates = [event.learning_rate for event in events if isinstance(event, Stepped)]
    peak, longer = after.learning_rate, lora.spec().budget
    assert rates[4:] == pytest.approx([peak * rate_factor(step, longer) for step in (4, 5, 6)])
    assert lora.artifact.is_dir()
    assert not has_steps_left(lora)


def test_steps_can_be_added_again(folders: list[RunFolder]) -> None:
    for total in (5, 6):
        extend(folders[1:], 1)
        list(resume(folders[1:]))
        assert read_history(folders[1]).step == total


@pytest.mark.parametrize("steps", [0, -1, 2_000_000])
def test_a_wrong_number_changes_nothing(folders: list[RunFolder], steps: int) -> None:
    with pytest.raises(SpecError, match="steps"):
        extend(folders, steps)
    assert folders[1].spec().budget.steps == 4


def test_what_cannot_go_on_says_why(folders: list[RunFolder], home: Path) -> None:
    base, lora = folders
    with pytest.raises(RunError, match="None of these runs trains"):
        extend([base], 3)
    (queued,) = create_race([lora.spec()], home)
    with pytest.raises(RunError, match="is queued"):
        extend([lora, queued], 3)
    assert lora.spec().budget.steps == 4  # all or none
    shutil.rmtree(lora.checkpoints)
    with pytest.raises(RunError, match="no checkpoint"):
        extend([lora], 3)


def test_a_run_that_was_stopped_may_get_more_steps_too(home: Path) -> None:
    (folder,) = create_race([RunSpec("pocket-gpt-nano", Choice("feelings"), Choice("lora"), budget=BUDGET)], home)
    for event in (events := perform([folder])):
        if isinstance(event, Stepped):
            folder.ask_to_stop()
            list(events)
            break
    stopped_at = read_history(folder).step
    extend([folder], 2)
    list(resume([folder]))
    assert stopped_at < 4
    assert read_history(folder).step == 6
