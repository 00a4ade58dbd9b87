"""A whole race from the command line: watched, summed up, kept, reported; and stopped half-way."""

import json
import os
import signal
import statistics
from collections.abc import Iterator
from itertools import product
from math import exp
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from workbench.cli import watch
from workbench.events import Event, Stepped
from workbench.runs.folder import list_runs
from workbench.runs.summary import read_history
from workbench.tasks.hub_data import HubData

KEYS = (
    "id method knobs state trainable total percent loss metric forgetting seconds tokens_per_second "
    "peak_memory_bytes samples"
)
SHORT = ["--steps", 3, "--batch-size", 4, "--budget", "evaluation_examples=3", "--budget", "metric_examples=2"]


@pytest.fixture
def words(tiny_model: Path, own_file: Path) -> list[object]:
    return ["race", "--model", tiny_model, "--data", own_file, *SHORT]


def test_a_race_ends_with_numbers_a_summary_and_a_report(call, words, tmp_path: Path) -> None:
    result = call(
        *words, "-m", "none,full", "-m", "lora:rank=2", "--json", tmp_path / "r.json", "--report", tmp_path / "r.html"
    )
    assert result.exit_code == 0, result.output
    rows = json.loads((tmp_path / "r.json").read_text())
    assert [row["method"] for row in rows] == ["none", "full", "lora"]
    assert all(list(row) == KEYS.split() for row in rows)
    assert rows[2]["knobs"] == {"rank": 2}
    assert [row["state"] for row in rows] == ["finished"] * 3
    assert list(rows[1]["loss"]) == ["train_final", "eval_first", "eval_final"]
    assert list(rows[1]["forgetting"]) == ["before", "after"]
    assert rows[1]["trainable"] == rows[1]["total"]
    assert "full, step 3/3: loss" in result.stdout and "Kept as" in result.stdout
    assert "\x1b" not in result.output
    page = (tmp_path / "r.html").read_text()
    assert f"{rows[1]['loss']['eval_final']:.3f}" in page and "--data" in page


def test_a_race_for_each_seed_ends_with_mean_and_spread(call, words, tmp_path: Path) -> None:
    result = call(*words, "-m", "none,full", "--seed", 4, "--seeds", 3, "--json", tmp_path / "r.json")
    assert result.exit_code == 0, result.output
    losses = [
        row["loss"]["eval_final"] for row in json.loads((tmp_path / "r.json").read_text()) if row["method"] == "full"
    ]
    assert len(set(losses)) == 3
    assert "over seeds" in result.stdout
    assert f"{statistics.mean(losses):.3f} ± {statistics.stdev(losses):.3f}" in result.stdout
    folders = list_runs(tmp_path / "home")
    assert sorted(folder.spec().seed for folder in folders) == [4, 4, 5, 5, 6, 6]
    assert len({folder.about().race for folder in folders}) == 3


def test_the_specs_of_a_report_can_be_raced_again_to_the_same_numbers(call, words, tmp_path: Path) -> None:
    assert call(*words, "-m", "lora", "--json", tmp_path / "a.json").exit_code == 0
    (folder,) = list_runs(tmp_path / "home")
    (tmp_path / "specs.json").write_text(json.dumps([folder.spec().to_json()]))
    result = call("race", "--spec", tmp_path / "specs.json", "--json", "-")
    assert result.exit_code == 0, result.output
    again, first = json.loads(result.stdout), json.loads((tmp_path / "a.json").read_text())
    assert again[0]["loss"] == first[0]["loss"]


def test_a_run_that_diverges_is_told_and_the_others_go_on(call, words, tmp_path: Path, monkeypatch) -> None:
    from workbench.methods import METHODS

    monkeypatch.setattr(METHODS["lora"], "default_learning_rate", lambda self, card: 1e30)
    result = call(*words, "-m", "lora,full", "--json", tmp_path / "r.json", "--budget", "clip=0")
    rows = json.loads((tmp_path / "r.json").read_text())
    assert [row["state"] for row in rows] == ["failed", "finished"], result.output
    assert result.exit_code == 1
    assert "Error: lora failed: " in result.stderr


def test_ctrl_c_stops_cleanly_and_the_race_can_go_on(call, words, tmp_path: Path, monkeypatch) -> None:
    folded = watch._folded

    def pressing(events, histories) -> Iterator[Event]:
        for event in folded(events, histories):
            if isinstance(event, Stepped) and event.step == 2:
                os.kill(os.getpid(), signal.SIGINT)
            yield event

    monkeypatch.setattr(watch, "_folded", pressing)
    result = call(*words, "-m", "full,lora", "--steps", 12, "--json", tmp_path / "r.json")
    assert result.exit_code == 130, result.output
    folders = list_runs(tmp_path / "home")
    race = folders[0].about().race
    assert f"go on with `workbench runs resume {race}`." in result.stderr
    assert [row["state"] for row in json.loads((tmp_path / "r.json").read_text())] == ["stopped", "stopped"]
    assert all(1 <= read_history(folder).step < 12 for folder in folders)

    monkeypatch.undo()
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    resumed = call("runs", "resume", race, "--json", tmp_path / "r.json")
    assert resumed.exit_code == 0, resumed.output
    unbroken = call(
        *words, "-m", "full,lora", "--steps", 12, "--json", tmp_path / "whole.json", "--home", tmp_path / "other"
    )
    assert unbroken.exit_code == 0, unbroken.output
    went_on, whole = (json.loads((tmp_path / name).read_text()) for name in ("r.json", "whole.json"))
    assert [row["loss"]["eval_final"] for row in went_on] == [row["loss"]["eval_final"] for row in whole]
    assert call("runs", "resume", race).exit_code == 5


def test_the_second_ctrl_c_ends_at_once_and_says_so(call, words, tmp_path: Path, monkeypatch) -> None:
    folded = watch._folded

    def pressing_twice(events, histories) -> Iterator[Event]:
        for event in folded(events, histories):
            if isinstance(event, Stepped):
                os.kill(os.getpid(), signal.SIGINT)
                os.kill(os.getpid(), signal.SIGINT)
            yield event

    monkeypatch.setattr(watch, "_folded", pressing_twice)
    result = call(*words, "-m", "full,lora", "--steps", 30)
    assert result.exit_code == 130, result.output
    assert "Stopped after step 1;" in result.stderr
    assert {read_history(folder).state for folder in list_runs(tmp_path / "home")} == {"stopped"}


def test_a_run_is_listed_shown_handed_in_and_deleted(call, words, tmp_path: Path) -> None:
    assert call(*words, "-m", "lora").exit_code == 0
    (row,) = json.loads(call("runs", "list", "--json").stdout)
    assert (row["state"], row["method"], row["steps"]) == ("finished", "lora", 3)
    assert row["id"] in call("runs", "list").stdout
    shown = json.loads(call("runs", "show", row["id"], "--json").stdout)
    assert list(shown) == [*KEYS.split(), "spec"]
    told = call("runs", "show", row["id"]).stdout
    assert "finished, step 3 of 3" in told
    assert f"metrics: Perplexity {exp(shown['loss']['eval_final']):,.2f}" in told and "BLEU" in told
    assert call("runs", "show", row["id"], "--report", tmp_path / "one.html").exit_code == 0
    assert "1 way of tuning tiny" in (tmp_path / "one.html").read_text()
    assert call("runs", "export", row["id"], tmp_path / "run.zip").exit_code == 0
    assert call("runs", "export", row["id"], tmp_path / "weights", "--weights").exit_code == 0
    assert (tmp_path / "weights" / "adapter_config.json").is_file()
    assert call("runs", "export", row["id"], tmp_path / "run.ipynb").exit_code == 0
    again = call("runs", "export", row["id"], tmp_path / "run.ipynb")
    assert again.exit_code == 5 and "exists already" in again.stderr and "--force" in again.stderr
    assert call("runs", "export", row["id"], tmp_path / "run.ipynb", "--force").exit_code == 0
    assert call("runs", "export", row["id"], tmp_path / "run.zip", "--force").exit_code == 0
    assert json.loads((tmp_path / "run.ipynb").read_text())["nbformat"] == 4
    assert call("runs", "delete", row["id"], "--yes").exit_code == 0
    assert call("runs", "list", "--json").stdout.strip() == "[]"
    assert call("runs", "import", tmp_path / "run.zip").exit_code == 0
    assert [entry["id"] for entry in json.loads(call("runs", "list", "--json").stdout)] == [row["id"]]


def test_a_text_is_written_by_the_base_by_a_run_and_by_a_folder(call, words, tiny_model: Path, tmp_path: Path) -> None:
    ask = ["--prompt", "the cat", "--max-tokens", 5]
    base = call("generate", "--model", tiny_model, *ask)
    assert base.exit_code == 0 and base.stdout == call("generate", "--model", tiny_model, *ask).stdout
    assert call(*words, "-m", "full", "--learning-rate", 0.05, "--steps", 20).exit_code == 0
    (folder,) = list_runs(tmp_path / "home")
    tuned = call("generate", "--run", folder.id, *ask)
    assert tuned.exit_code == 0 and tuned.stdout != base.stdout
    from_folder = call("generate", "--model", tiny_model, "--adapter", folder.artifact, *ask)
    assert from_folder.stdout == tuned.stdout
    hot = [
        call("generate", "--model", tiny_model, *ask, "--temperature", 2, "--seed", seed).stdout for seed in (1, 1, 2)
    ]
    assert hot[0] == hot[1] != hot[2]


def test_a_plain_text_is_data_too(call, tiny_model: Path, tmp_path: Path) -> None:
    text = tmp_path / "mine.txt"
    scenes = product(("big", "small"), ("mat", "wall", "tree") * 4)
    text.write_text("\n\n".join(f"the {size} cat sat on the {place}. " * 4 for size, place in scenes))
    result = call("race", "--model", tiny_model, "--data", text, *SHORT, "-m", "lora", "--json", "-")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)[0]["metric"] == {}


def test_a_head_is_chosen_by_the_objective_and_its_run_can_be_used(call, tiny_model: Path, tmp_path: Path) -> None:
    rows = [f"the {size} {thing} {deed},{size}" for size in ("big", "small") for thing in ("cat", "dog", "bird")
            for deed in ("sat", "ran", "flew")]  # fmt: skip
    (tmp_path / "sizes.csv").write_text("ask,size\n" + "\n".join(rows) + "\n")
    words = ["race", "--model", tiny_model, "--data", tmp_path / "sizes.csv", "--objective", "classification", *SHORT]
    result = call(*words, "-m", "feature_based,lora:rank=2", "--json", tmp_path / "r.json")
    assert result.exit_code == 0, result.output
    probe, lora = json.loads((tmp_path / "r.json").read_text())
    assert probe["trainable"] == 16 * 2 + 2 < lora["trainable"]
    told = call("generate", "--run", lora["id"], "--prompt", "the big cat ran")
    assert told.stdout.strip() in ("big", "small")
    shown = call("runs", "show", lora["id"]).stdout
    assert "(nats per answer, held-out)" in shown and "(nats per token)" in shown
    assert "random until it is trained" in call(*words, "-m", "none").output
    assert "random until" not in call(*words).output  # of the usual ways, feature_based stands in for none


def test_a_head_needs_labels(call, words) -> None:
    result = call(*words, "-m", "full", "--objective", "classification")
    assert result.exit_code != 0
    assert "A classification head chooses among a few labels" in " ".join(result.output.split())
    assert "language_modelling, classification" in " ".join(call(*words, "--objective", "clasify").output.split())


def test_a_dataset_of_the_hub_is_raced_once_it_is_here(call, tiny_model, tmp_path: Path) -> None:
    words = ["race", "--model", tiny_model, "--data", "hub:owner/name", *SHORT, "-m", "lora"]
    result = call(*words)
    assert result.exit_code == 3
    assert "owner/name is not on this machine, and HF_HUB_OFFLINE forbids asking the hub." in result.stderr
    file = HubData("owner/name").file
    file.parent.mkdir(parents=True)
    parquet.write_table(pa.table({"ask": ["cat", "dog", "bird"] * 9, "say": ["sat", "ran", "flew"] * 9}), file)
    result = call(*words, "--report", tmp_path / "r.html")
    assert result.exit_code == 0, result.output
    assert "The first 27 rows of owner/name, split train" in result.stderr
    assert "--data hub:owner/name" in (tmp_path / "r.html").read_text()


def test_odd_chats_are_told_before_the_race(call, tiny_model, tmp_path: Path) -> None:
    turns = [("user", "the cat <|im_start|>"), ("user", "the dog"), ("assistant", "ran")]
    rows = [{"messages": [{"role": role, "content": f"{text} {n}"} for role, text in turns]} for n in range(9)]
    (tmp_path / "chats.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = call("race", "--model", tiny_model, "--data", tmp_path / "chats.jsonl", *SHORT, "-m", "lora")
    assert result.exit_code == 0, result.output
    for told in ("9 of 9 chats have roles that do not alternate", "hold <|im_start|>, marks of ChatML"):
        assert told in result.stderr


def test_chats_are_laid_out_by_the_model_s_own_template(call, write_talker, tmp_path: Path) -> None:
    model, chats = write_talker()
    result = call("race", "--model", model, "--data", chats, *SHORT, "-m", "lora", "--report", tmp_path / "r.html")
    assert result.exit_code == 0, result.output
    told = "This model has a chat template of its own (ChatML); chats are laid out by it."
    assert told in " ".join(result.stderr.split())
    assert "&lt;|im_start|&gt;user\nwhere is cat" in (tmp_path / "r.html").read_text()


def test_a_template_that_refuses_the_chats_is_told_before_the_race(call, write_talker) -> None:
    model, chats = write_talker(before="{{ ''.__class__.__mro__ }}")
    result = call("race", "--model", model, "--data", chats, *SHORT, "-m", "lora")
    assert result.exit_code == 3
    told = " ".join(result.stderr.split())
    assert "the model's chat template refuses this chat (access to attribute '__class__' of 'str'" in told
    assert "Traceback" not in result.output
