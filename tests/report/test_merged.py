"""A tuned model as a folder of its own: it answers as the tuned one does, and is a base like any other."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub import ModelCard

from workbench.errors import RunError
from workbench.history import History
from workbench.methods import METHODS
from workbench.methods.artifact import load_artifact
from workbench.models.load import load_base
from workbench.report.merged import export_merged
from workbench.report.model_card import model_card
from workbench.report.unmerged import export_unmerged
from workbench.runs.folder import RunFolder
from workbench.runs.record import record
from workbench.runs.summary import read_history
from workbench.spec import Budget, Choice, RunSpec, parse_choice

torch.set_num_threads(1)

BUDGET = Budget(steps=4, batch_size=2, evaluation_examples=2, metric_examples=0, learning_rate=0.01)
CONFIG = {"hidden_size": 16, "intermediate_size": 24, "num_attention_heads": 2, "num_hidden_layers": 2}
FACTS = {"vocab_size": 40, "max_position_embeddings": 64, "attention_bias": True, "mlp_bias": True}
ENDS = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": None, "tie_word_embeddings": True}
COUNTS = {"trainable": 1, "total": 100, "percent": 1.0}
BESIDE = {  # no change of weights
    "none",
    "adapter",
    "adamix",
    "compacter",
    "prefix",
    "mam",
    "prompt",
    "multitask_prompt",
    "prompt_mixture",
    "autoprompt",
    "p_tuning",
    "adaption_prompt",
}
# The tiny model knows few tokens and has small matrices.
SMALL = {
    "trainable_tokens": "trainable_tokens:tokens=4",
    "waveft": "waveft:wavelets=20",
    "fourierft": "fourierft:waves=20",
    "psoft": "psoft:rank=8",
    "unilora": "unilora:length=200",
}
VARIANTS = ("lora:dora=true", "lora:pissa=true:rank=4")

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture
def trained(tmp_path: Path, write_model: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], RunFolder]:
    """A run of four steps on a tiny model and a tiny file."""
    monkeypatch.setattr("workbench.training.bench.OWN_TEXTS", 2)
    monkeypatch.setattr("workbench.training.bench.SAMPLES", 1)
    words = "the a cat dog bird sat ran flew on mat wall tree"
    model = write_model(tmp_path / "tiny", {"model_type": "llama", **CONFIG, **FACTS, **ENDS}, words)
    rows = [f"{thing} {place},the {thing} sat on the {place}" for thing in ("cat", "dog") for place in ("mat", "wall")]
    (tmp_path / "mine.csv").write_text("ask,say\n" + "\n".join(rows * 3) + "\n")

    def train(method: str) -> RunFolder:
        task = Choice("own_file", {"path": str(tmp_path / "mine.csv")})
        spec = RunSpec(str(model), task, parse_choice(method), budget=BUDGET)
        run = [event.run for event in record([spec], tmp_path / "home")][-1]
        return RunFolder(tmp_path / "home" / "runs" / run)

    return train


@pytest.mark.parametrize("method", [*(name for name in METHODS if name not in BESIDE), *VARIANTS])
def test_the_folder_answers_as_the_tuned_model(
    trained: Callable[[str], RunFolder], tmp_path: Path, method: str
) -> None:
    folder = trained(SMALL.get(method, method))
    target = export_merged(folder, tmp_path / "model")
    ids = torch.tensor([[1, 4, 5, 6, 7]])
    with torch.no_grad():
        ours = load_base(str(target)).model(input_ids=ids).logits
        tuned = load_artifact(folder.artifact, load_base(folder.spec().model).model)(input_ids=ids).logits
        base = load_base(folder.spec().model).model(input_ids=ids).logits
    torch.testing.assert_close(ours, tuned, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(ours, base, atol=1e-4)
    assert all(parameter.dtype == torch.float32 for parameter in load_base(str(target)).model.parameters())
    assert {path.suffix for path in target.iterdir()} <= {".json", ".safetensors", ".md"}


@pytest.mark.parametrize(
    "method", ["adapter:width=4", "compacter", "prompt:virtual_tokens=2", "mam:width=4:virtual_tokens=2"]
)
def test_what_is_no_change_of_weights_is_refused(
    trained: Callable[[str], RunFolder], tmp_path: Path, method: str
) -> None:
    with pytest.raises(RunError, match="cannot be added into the weights"):
        export_merged(trained(method), tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("method", ["lora:rank=2", "ia3", "oft", "hra", "miss", "vera"])
def test_what_was_merged_can_be_taken_out_again(
    trained: Callable[[str], RunFolder], tmp_path: Path, method: str
) -> None:
    folder = trained(method)
    target = export_unmerged(folder, export_merged(folder, tmp_path / "model"), tmp_path / "base")
    left, base = load_base(str(target)).model, load_base(folder.spec().model).model
    for (name, ours), theirs in zip(left.named_parameters(), base.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4, msg=name)


@pytest.mark.parametrize("method", ["full", "lora:pissa=true:rank=4", "lora:rank=2:dora=true", "hira"])
def test_what_replaced_weights_cannot_be_taken_out(
    trained: Callable[[str], RunFolder], tmp_path: Path, method: str
) -> None:
    folder = trained(method)
    merged = export_merged(folder, tmp_path / "model")
    with pytest.raises(RunError, match="cannot be taken out of model"):
        export_unmerged(folder, merged, tmp_path / "base")
    assert not (tmp_path / "base").exists()


def test_another_runs_folder_is_refused(trained: Callable[[str], RunFolder], tmp_path: Path) -> None:
    folder = trained("lora:rank=2")
    with pytest.raises(RunError, match="this very run"):
        export_unmerged(folder, Path(folder.spec().model), tmp_path / "base")


def test_a_race_goes_on_from_it(trained: Callable[[str], RunFolder], tmp_path: Path) -> None:
    first = trained("lora:rank=2")
    target = export_merged(first, tmp_path / "model")
    spec = first.spec()
    again = RunSpec(str(target), spec.task, parse_choice("full"), budget=BUDGET)
    events = list(record([again], tmp_path / "home"))
    history = read_history(RunFolder(tmp_path / "home" / "runs" / events[-1].run))
    assert history.evaluations[0][1] == pytest.approx(read_history(first).evaluations[-1][1], abs=1e-3)


def test_the_card_tells_what_was_measured_and_shows_foreign_names_as_code(
    trained: Callable[[str], RunFolder], tmp_path: Path
) -> None:
    folder = trained("lora:rank=2")
    card = (export_merged(folder, tmp_path / "model") / "README.md").read_text()
    history = read_history(folder)
    assert f"{history.evaluations[-1][1]:.3f}" in card and "`mine.csv`" in card and "LoRA" in card
    data = ModelCard(card).data
    assert (data.library_name, data.tags, data.license) == ("transformers", ["transfer-workbench", "lora"], None)
    assert "--data mine.csv" in card and "--model tiny" in card and str(tmp_path) not in card
    spec = RunSpec("evil`<img src=x>", method=parse_choice("lora"))
    assert "# `evil'<img src=x>` tuned on" in model_card(spec, history)
    head = model_card(replace(folder.spec(), objective=parse_choice("classification")), history)
    assert "held-out loss, nats per answer" in head and "held-out loss, nats per token" in card
    assert "forgetting, nats per token" in head


@pytest.mark.parametrize(
    ("model", "base", "licence", "by_name"),
    [
        ("gpt2", "openai-community/gpt2", "mit", None),
        ("llama-3.2-1b", "meta-llama/Llama-3.2-1B", "other", "llama 3.2"),
        ("mine", None, None, None),
    ],
)
def test_the_hub_can_read_base_licence_and_data_of_a_card(
    model: str, base: str | None, licence: str | None, by_name: str | None
) -> None:
    spec = RunSpec(model, Choice("own_file", {"path": "hub:owner/name"}), parse_choice("lora"))
    data = ModelCard(model_card(spec, History("run", counts=COUNTS, evaluations=[(4, 2.0)]), "peft")).data
    assert (data.base_model, data.license, data.get("license_name")) == (base, licence, by_name)
    assert (data.datasets, data.library_name) == (["owner/name"], "peft")
