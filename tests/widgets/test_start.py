"""What is said when a call cannot be run, and that nothing is started then."""

from pathlib import Path
from typing import Any

import pytest

import workbench.widgets as wb
from workbench.errors import WorkbenchError
from workbench.events import Started
from workbench.models.catalog import find_card
from workbench.tasks import TASKS

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"methods": ["lorra"]}, "Did you mean lora"),
    ({"methods": ["lora:rnk=4"]}, "Did you mean rank"),
    ({"methods": ["lora:rank=0"]}, "lora:rank is '0'"),
    ({"methods": []}, "methods is []"),
    ({"methods": 5}, "methods is 5"),
    ({"model": "pocket-gtp"}, "pocket-gtp"),
    ({"model": "llama-7b"}, "counting only"),
    ({"task": "descrbe"}, "Did you mean describe"),
    ({"task": 3}, "task is 3"),
    ({"objective": "clasification", "methods": ["full"]}, "Did you mean classification"),
    ({"objective": "clasification"}, "language_modelling, classification"),
    ({"objective": 3}, "objective is 3"),
    ({"objective": "classification"}, "chooses among a few labels"),
    ({"objective": "classification", "task": "feelings", "methods": "none"}, "random until it is trained"),
    ({"steps": 0}, "budget:steps is 0"),
    ({"stepps": 5}, "Did you mean steps"),
    ({"method": "lora"}, "Did you mean methods"),
    ({"seed": -1}, "seed is -1"),
]


@pytest.mark.parametrize("words, told", WRONG, ids=[str(words) for words, _ in WRONG])
def test_a_wrong_value_is_one_sentence_and_starts_nothing(words: dict[str, Any], told: str, home: Path) -> None:
    with pytest.raises(WorkbenchError) as caught:
        wb.race(**words)
    assert told in str(caught.value)
    assert caught.value._render_traceback_() == [str(caught.value)]
    assert not (home / "runs").exists()


def test_training_in_the_kernel_yields_events_and_keeps_the_run() -> None:
    events = list(
        wb.train(
            model="pocket-gpt-nano", method="lora", steps=2, evaluation_examples=4, metric_examples=0, batch_size=2
        )
    )
    kinds = [type(event).__name__ for event in events]
    assert kinds[0] == "Started" and kinds[-1] == "Finished" and kinds.count("Stepped") == 2
    assert wb.runs()[-1].state == "finished"
    played = wb.play(wb.runs()[-1], prompt="One day")
    assert list(played.answers) == ["base, untuned", "lora"]
    assert all(played.answers.values())
    assert played.ask("One day", temperature=0.8, seed=1) == played.ask("One day", temperature=0.8, seed=1)
    assert "One day" in played._bundle()["text/html"]
    with pytest.raises(WorkbenchError, match="temperature is -1"):
        played.ask("One day", temperature=-1)
    played.seed.value = -1
    played.button.click()
    assert "seed is -1" in played.texts.value


def test_a_head_is_raced_and_trained_by_the_objective(home: Path) -> None:
    words: dict[str, Any] = {"model": "pocket-gpt-nano", "task": "feelings", "objective": "classification"}
    small = {"steps": 1, "batch_size": 2, "evaluation_examples": 4, "metric_examples": 2}
    board = wb.race(**words, **small)
    board.wait(120)
    assert [run.spec.objective.name for run in board.runs] == ["classification"] * 6
    assert list(board.histories) == ["feature_based", "full", "adapter", "prefix", "prompt", "lora"]
    assert {run.state for run in board.runs} == {"finished"}
    started = next(iter(wb.train(method="feature_based", **words, **small)))
    width, labels = find_card("pocket-gpt-nano").width, len(TASKS["feelings"]().labels())
    assert isinstance(started, Started) and started.counts["trainable"] == (width + 1) * labels


def test_only_one_run_is_trained_in_the_kernel() -> None:
    with pytest.raises(WorkbenchError, match="wb.race trains several"):
        wb.train([])


def test_runs_without_weights_cannot_play(raced: Any) -> None:
    with pytest.raises(WorkbenchError, match="kept no tuned weights"):
        wb.play(raced("lora"))
