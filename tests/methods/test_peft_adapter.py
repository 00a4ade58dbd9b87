"""The bottleneck adapter behaves in PEFT as PEFT's own tuners do."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel, PeftType, get_peft_model

from workbench.errors import WorkbenchError
from workbench.methods.adapter import Adapter
from workbench.methods.artifact import save_artifact
from workbench.methods.tuners.bottleneck import BottleneckConfig, register

# PEFT asks transformers for it whenever it wraps a model.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture
def tuned(tiny: Any, tokenizer: Any) -> Any:
    base = tiny("pocket")
    method = Adapter(width=3, placement="parallel", layer_norm=True)
    tuned = method.apply(base.shared(), base.card, tokenizer, torch.Generator().manual_seed(0))
    with torch.no_grad():
        for parameter in tuned.movable.values():
            parameter.add_(0.1)
    return tuned


def test_registering_twice_does_no_harm() -> None:
    register()
    register()
    assert [member for member in PeftType if member == "BOTTLENECK"] == [PeftType("BOTTLENECK")]
    assert PeftType.BOTTLENECK is PeftType("BOTTLENECK")  # type: ignore[attr-defined]


def test_importing_the_methods_leaves_peft_alone() -> None:
    look = "print(*({'peft', 'torch'} & set(sys.modules)))"
    code = f"import sys; from workbench.methods import METHODS; list(METHODS); {look}"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == ""


def test_merging_is_refused_in_one_sentence(tuned: Any) -> None:
    for merge in (tuned.model.merge_and_unload, tuned.model.merge_adapter):
        with pytest.raises(WorkbenchError, match="cannot be merged"):
            merge()


def test_unloading_gives_the_base_back(tuned: Any, tiny: Any, ids: torch.Tensor) -> None:
    base = tuned.model.unload()
    assert torch.equal(base(ids).logits, tiny("pocket").logits(ids))
    assert [name for name, _ in base.named_parameters()] == [name for name, _ in tiny("pocket").base.named_parameters()]


def test_peft_loads_the_folder_itself(tuned: Any, tiny: Any, ids: torch.Tensor, tmp_path: Path) -> None:
    save_artifact(tuned, Adapter(), tmp_path)
    loaded = PeftModel.from_pretrained(tiny("pocket").shared(), str(tmp_path))
    tuned.model.eval()
    assert torch.equal(loaded(ids).logits, tuned.model(ids).logits)
    assert not any(parameter.requires_grad for parameter in loaded.parameters())
    assert loaded.peft_config["default"].base_model_name_or_path == "pocket"


def test_pefts_own_saving_keeps_the_norms_too(tuned: Any, tiny: Any, ids: torch.Tensor, tmp_path: Path) -> None:
    tuned.model.save_pretrained(str(tmp_path), save_embedding_layers=False)
    loaded = PeftModel.from_pretrained(tiny("pocket").shared(), str(tmp_path), is_trainable=True)
    assert torch.equal(loaded(ids).logits, tuned.model(ids).logits)
    assert sum(parameter.requires_grad for parameter in loaded.parameters()) == len(tuned.movable)


def test_a_model_can_hold_two_adapters_and_switch(tiny: Any, ids: torch.Tensor) -> None:
    base = tiny("gpt2")
    targets = base.card.modules("feed_forward_down")
    first, second = (BottleneckConfig(task_type="CAUSAL_LM", width=width, target_modules=targets) for width in (2, 3))
    model = get_peft_model(base.shared(), first)
    model.add_adapter("other", second)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".other." in name:
                parameter.add_(0.1)
    model.eval()
    assert torch.equal(model(ids).logits, base.logits(ids))
    model.set_adapter("other")
    assert not torch.equal(model(ids).logits, base.logits(ids))
    model.delete_adapter("default")
    assert not any(".default" in name for name, _ in model.named_parameters())


@pytest.mark.parametrize("placement", ["houlsby", "parallel"])
def test_generation_with_a_cache_equals_generation_without(
    placement: str, tiny: Any, ids: torch.Tensor, tokenizer: Any
) -> None:
    base = tiny("gpt2")
    tuned = Adapter(width=3, placement=placement).apply(base.shared(), base.card, tokenizer, torch.Generator())
    with torch.no_grad():
        for parameter in tuned.movable.values():
            parameter.add_(0.3)
    tuned.model.eval()
    texts = [tuned.model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=6, do_sample=False,
                                  use_cache=cached) for cached in (True, False)]  # fmt: skip
    assert torch.equal(*texts)
