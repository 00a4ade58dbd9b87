"""Real training in run folders: stopped, killed and resumed, it ends where an unbroken run ends."""

import runpy
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from workbench.events import Checkpointed, Started, Stepped
from workbench.runs.folder import RunFolder, list_runs
from workbench.runs.journal import read_events
from workbench.runs.record import record, resume
from workbench.runs.summary import read_history, summarise
from workbench.spec import RunSpec

TRAINER = Path(__file__).parent / "trainer.py"
SIZES = {"hidden_size": 16, "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 24, "head_dim": 8}
WORDS = "happy sad angry the was and a"

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, write_model: Callable[..., Path]) -> Path:
    """A random Llama of two thousand weights with a tokenizer of ten words."""
    shape = {"num_hidden_layers": 1, "vocab_size": 16, "max_position_embeddings": 64}
    config = {"model_type": "llama", **SIZES, **shape, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": None}
    return write_model(tmp_path_factory.mktemp("model") / "tiny-llama", config, WORDS)


@pytest.fixture(scope="module")
def specs(model: Path) -> list[RunSpec]:
    made: list[RunSpec] = runpy.run_path(str(TRAINER))["specs"](str(model))
    return made


@pytest.fixture(scope="module")
def unbroken(specs: list[RunSpec], tmp_path_factory: pytest.TempPathFactory) -> dict[str, RunFolder]:
    """The same race, run through, by method."""
    home = tmp_path_factory.mktemp("unbroken")
    list(record(specs, home))
    return by_method(home)


def by_method(home: Path) -> dict[str, RunFolder]:
    return {folder.spec().method.name: folder for folder in list_runs(home)}


def ends_alike(folder: RunFolder, other: RunFolder) -> None:
    """Hold curves and tuned weights of two runs against each other, bit for bit."""
    from safetensors.torch import load_file

    ours, theirs = read_history(folder), read_history(other)
    assert (ours.state, ours.error) == ("finished", "")
    for curve in ("losses", "gradient_norms", "evaluations", "base_losses", "samples"):
        assert getattr(ours, curve) == getattr(theirs, curve), curve
    (weights,) = folder.artifact.glob("*.safetensors")
    mine, reference = load_file(weights), load_file(other.artifact / weights.name)
    assert mine.keys() == reference.keys()
    for name, tensor in mine.items():
        assert torch.equal(tensor, reference[name]), name


def test_a_finished_race_has_checkpoints_artifacts_and_a_summary(unbroken: dict[str, RunFolder]) -> None:
    for folder in unbroken.values():
        assert [path.name for path in sorted(folder.checkpoints.iterdir())] == ["step-000008", "step-000012"]
        record = summarise(folder)
        assert record["state"] == "finished"
        assert 0 < record["trainable"] <= record["total"]
        assert record["loss"]["eval_first"] != record["loss"]["eval_final"]
        assert record["samples"][-1]["step"] == 12
        marks = [event.path for event in read_events(folder.journal) if isinstance(event, Checkpointed)]
        assert marks[-1] == "checkpoints/step-000012"


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")  # PEFT asks transformers by an old name
def test_the_artifact_of_a_peft_method_is_a_peft_folder(unbroken: dict[str, RunFolder], model: Path) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    base: Any = AutoModelForCausalLM.from_pretrained(model)
    tuned = PeftModel.from_pretrained(base, str(unbroken["lora"].artifact))
    assert tuned.peft_config["default"].peft_type == "LORA"


def test_a_stopped_race_resumes_to_the_unbroken_curve(
    specs: list[RunSpec], unbroken: dict[str, RunFolder], home: Path
) -> None:
    for event in record(specs, home):
        if isinstance(event, Stepped) and event.step == 5:
            RunFolder(home / "runs" / event.run).ask_to_stop()
    stopped = by_method(home)
    assert [read_history(folder).state for folder in stopped.values()] == ["stopped", "stopped"]
    begun = [event for event in resume(list(stopped.values())) if isinstance(event, Started)]
    # A stop keeps the state of its very step: the one that was heard of, or the next, which was in work already.
    assert {event.resumed_from for event in begun} <= {5, 6}
    for method, folder in stopped.items():
        ends_alike(folder, unbroken[method])


def test_a_killed_race_resumes_to_the_unbroken_curve(
    start: Callable[..., "subprocess.Popen[str]"], unbroken: dict[str, RunFolder], home: Path, model: Path
) -> None:
    worker = start(home, model, code=TRAINER.read_text())
    assert worker.stdout is not None
    for line in worker.stdout:
        kind, run, seq, step = line.split()
        if int(step) == 6:
            break
    else:
        pytest.fail(worker.communicate()[1])
    worker.kill()
    worker.wait()
    killed = by_method(home)
    assert {read_history(folder).state for folder in killed.values()} == {"interrupted"}
    assert read_events(RunFolder(home / "runs" / run).journal)[-1].seq >= int(seq)
    begun = [event for event in resume(list(killed.values())) if isinstance(event, Started)]
    assert [event.resumed_from for event in begun] == [4, 4]
    for method, folder in killed.items():
        ends_alike(folder, unbroken[method])
