"""Saved weights come back, in the forms that other tools read, and damaged ones are refused in one sentence."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from workbench.errors import RunError
from workbench.methods import METHODS
from workbench.methods.artifact import PEFT_WEIGHTS, WITHIN, load_artifact, save_artifact
from workbench.models.load import load_base


def saved(name: str, tiny: Any, tokenizer: Any, folder: Path, **knobs: Any) -> Any:
    method = METHODS[name](**knobs)
    tuned = method.apply(tiny.shared(), tiny.card, tokenizer, torch.Generator().manual_seed(0))
    save_artifact(tuned, method, folder)
    return tuned


@pytest.mark.parametrize("model", ["gpt2", "llama", "pocket"])
def test_a_fully_tuned_model_is_an_ordinary_transformers_folder(
    model: str, tiny: Any, ids: torch.Tensor, tokenizer: Any, tmp_path: Path
) -> None:
    tuned = saved("scratch", tiny(model), tokenizer, tmp_path)
    loaded = AutoModelForCausalLM.from_pretrained(tmp_path)
    assert torch.allclose(loaded(ids).logits, tuned.model.eval()(ids).logits, atol=1e-6)


def test_a_process_that_made_no_adapter_loads_each_kind_of_ours(tokenizer: Any, tmp_path: Path) -> None:
    base = load_base("pocket-gpt-nano")
    ids = torch.tensor([[5, 6, 7, 8]])
    logits = {}
    for name, knobs in {"adapter": {"width": 4}, "mam": {"width": 4}, "boft": {}, "adaption_prompt": {}}.items():
        method = METHODS[name](**knobs)
        tuned = method.apply(base.model, base.card, base.tokenizer, torch.Generator().manual_seed(0))
        with torch.no_grad():
            for weight in tuned.movable.values():
                weight.add_(0.1)
            logits[name] = tuned.model.eval()(input_ids=ids).logits
        save_artifact(tuned, method, tmp_path / name)
        base = load_base("pocket-gpt-nano")
    torch.save(logits, tmp_path / "logits.pt")
    load = f"""
import torch
from pathlib import Path
from workbench.methods.artifact import load_artifact
from workbench.models.load import load_base
folder = Path({str(tmp_path)!r})
for name, wanted in torch.load(folder / "logits.pt").items():
    model = load_artifact(folder / name, load_base("pocket-gpt-nano").model).eval()
    torch.testing.assert_close(model(input_ids=torch.tensor({ids.tolist()})).logits, wanted, rtol=1e-4, atol=1e-4)
"""
    subprocess.run([sys.executable, "-c", load], check=True)


def test_says_which_method_and_knobs_made_it(tiny: Any, tokenizer: Any, tmp_path: Path) -> None:
    saved("lora", tiny("gpt2"), tokenizer, tmp_path, rank=2)
    description = json.loads((tmp_path / "artifact.json").read_text())
    assert description["method"] == "lora" and description["knobs"]["rank"] == 2


def test_loading_onto_a_shared_base_leaves_the_base_alone(
    tiny: Any, ids: torch.Tensor, tokenizer: Any, tmp_path: Path
) -> None:
    base = tiny("gpt2")
    before = base.logits(ids)
    for number, (name, knobs) in enumerate([("full", {}), ("bitfit", {}), ("lora", {"pissa": True, "rank": 2})]):
        saved(name, base, tokenizer, tmp_path / str(number), **knobs)
        load_artifact(tmp_path / str(number), base.shared())
    assert torch.equal(base.logits(ids), before)


@pytest.mark.parametrize("name", ["full", "lora", "adapter", "prompt", "mam", "feature_based"])
def test_an_artifact_of_another_model_is_refused(name: str, tiny: Any, tokenizer: Any, tmp_path: Path) -> None:
    saved(name, tiny("gpt2"), tokenizer, tmp_path)
    with pytest.raises(RunError, match="does not fit"):
        load_artifact(tmp_path, tiny("opt-narrow").shared())


@pytest.mark.parametrize("name", ["lora", "ia3", "prefix", "mam"])
def test_an_artifact_of_a_deeper_model_is_refused(name: str, tiny: Any, tokenizer: Any, tmp_path: Path) -> None:
    saved(name, tiny("gpt2"), tokenizer, tmp_path)
    shallow = tiny("gpt2").shared()
    shallow.transformer.h = shallow.transformer.h[:1]
    shallow.config.num_hidden_layers = 1
    with pytest.raises(RunError, match="does not fit"):
        load_artifact(tmp_path, shallow)


def test_an_empty_folder_is_refused(tiny: Any, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no tuned model"):
        load_artifact(tmp_path, tiny("gpt2").shared())


@pytest.mark.parametrize(
    ("field", "value"), [("peft_type", "CORDA"), ("init_lora_weights", "corda"), ("init_lora_weights", "loftq")]
)
def test_an_adapter_that_would_read_other_files_is_refused(
    field: str, value: str, tiny: Any, tokenizer: Any, tmp_path: Path
) -> None:
    saved("lora", tiny("gpt2"), tokenizer, tmp_path)
    config = json.loads((tmp_path / "adapter_config.json").read_text())
    (tmp_path / "adapter_config.json").write_text(json.dumps({**config, field: value}))
    with pytest.raises(RunError):
        load_artifact(tmp_path, tiny("gpt2").shared())


def test_pickled_weights_are_never_read(tiny: Any, tokenizer: Any, tmp_path: Path) -> None:
    saved("lora", tiny("gpt2"), tokenizer, tmp_path)
    (tmp_path / "adapter_model.safetensors").rename(tmp_path / "adapter_model.bin")
    with pytest.raises(RunError, match="safetensors only"):
        load_artifact(tmp_path, tiny("gpt2").shared())


@pytest.mark.parametrize("name", ["full", "lora"])
def test_torn_weights_are_refused(name: str, tiny: Any, tokenizer: Any, tmp_path: Path) -> None:
    saved(name, tiny("gpt2"), tokenizer, tmp_path)
    (weights,) = tmp_path.glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(RunError):
        load_artifact(tmp_path, tiny("gpt2").shared())


@pytest.mark.parametrize("half", [".", WITHIN])
def test_either_half_of_mam_is_refused_where_it_is_torn(half: str, tiny: Any, tokenizer: Any, tmp_path: Path) -> None:
    saved("mam", tiny("gpt2"), tokenizer, tmp_path)
    weights = tmp_path / half / PEFT_WEIGHTS
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(RunError, match="is damaged"):
        load_artifact(tmp_path, tiny("gpt2").shared())


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")  # as PEFT alone asks
def test_both_halves_of_mam_are_ordinary_peft_folders(
    tiny: Any, ids: torch.Tensor, tokenizer: Any, tmp_path: Path
) -> None:
    tuned = saved("mam", tiny("pocket"), tokenizer, tmp_path, width=3)
    base = tiny("pocket").shared()
    PeftModel.from_pretrained(base, str(tmp_path / WITHIN))
    loaded = PeftModel.from_pretrained(base, str(tmp_path))
    assert torch.allclose(loaded.eval()(ids).logits, tuned.model.eval()(ids).logits, atol=1e-5)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")  # as PEFT alone asks
def test_what_is_left_of_adamix_is_an_ordinary_adapter(
    tiny: Any, ids: torch.Tensor, tokenizer: Any, tmp_path: Path
) -> None:
    saved("adapter", tiny("pocket"), tokenizer, tmp_path / "one", width=3, placement="pfeiffer")
    tuned = saved("adamix", tiny("pocket"), tokenizer, tmp_path / "many", width=3)
    one, many = (load_file(tmp_path / folder / PEFT_WEIGHTS) for folder in ("one", "many"))
    assert {name: weight.shape for name, weight in one.items()} == {name: weight.shape for name, weight in many.items()}
    loaded = PeftModel.from_pretrained(tiny("pocket").shared(), str(tmp_path / "many"), is_trainable=True)
    assert torch.allclose(loaded.train()(ids).logits, tuned.model.eval()(ids).logits, atol=1e-5)
    assert sum(parameter.requires_grad for parameter in loaded.parameters()) == len(many)
