"""Four bits a number: what they mean, what they take, and that training goes on after an evaluation."""

import subprocess
import sys
from importlib import util
from typing import Any

import pytest
import torch

from workbench.errors import SpecError
from workbench.knobs import configure
from workbench.methods import METHODS
from workbench.methods.qlora import can_be_read
from workbench.models.catalog import find_card
from workbench.spec import Choice, RunSpec
from workbench.training.check import check
from workbench.training.peak_memory import PeakMemory, bytes_of

# The sixteen values of NF4, Dettmers et al. 2023, arXiv:2305.14314, appendix E.
NF4 = (
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
    -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
    0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
)  # fmt: skip


def applied(tiny: Any, tokenizer: Any, **knobs: Any) -> Any:
    method = configure(METHODS["qlora"], knobs, "qlora")
    return method, method.apply(tiny.shared(), tiny.card, tokenizer, torch.Generator().manual_seed(0))


def nearest(weight: torch.Tensor) -> torch.Tensor:
    """Each 64 numbers divided by the largest of them, rounded to the nearest of the sixteen values, and back."""
    values = torch.tensor(NF4)
    blocks = weight.flatten().reshape(-1, 64)
    largest = blocks.abs().amax(dim=1, keepdim=True)
    numbers = ((blocks / largest)[..., None] - values).abs().argmin(dim=-1)
    return (values[numbers] * largest).reshape(weight.shape)


@pytest.mark.parametrize("family", ["pocket", "gpt2"])
def test_a_layer_reads_the_rounded_matrix(family: str, tiny: Any, tokenizer: Any) -> None:
    base = tiny(family)
    method, tuned = applied(base, tokenizer, double_quantisation=False)
    own = dict(base.base.named_modules())
    layers = [(n, m) for n, m in tuned.model.named_modules() if hasattr(getattr(m, "weight", None), "quant_state")]
    layers = [(name, layer) for name, layer in layers if name.endswith(".base_layer")]
    assert len(layers) == sum(piece.bits > 0 for piece in method.anatomy(base.card).pieces) == base.card.depth
    for name, layer in layers:
        original = own[name.removeprefix("base_model.model.").removesuffix(".base_layer")]
        weight = original.weight.T if base.card.transposed else original.weight
        x = torch.randn(3, weight.shape[1])
        expected = x @ nearest(weight).T + original.bias
        assert torch.allclose(layer(x), expected, atol=1e-5), name


def test_the_weights_take_the_bytes_that_the_anatomy_says(tiny: Any, tokenizer: Any) -> None:
    base = tiny("pocket")
    for double in (True, False):
        method, tuned = applied(base, tokenizer, double_quantisation=double)
        anatomy = method.anatomy(base.card)
        held = bytes_of(PeakMemory(tuned.model, None, torch.device("cpu"))._weights())
        told = anatomy.frozen_bytes(4) + 4 * anatomy.trainable
        assert held == pytest.approx(told, rel=0.02)


def test_training_goes_on_after_an_evaluation(tiny: Any, tokenizer: Any, ids: torch.Tensor) -> None:
    _, tuned = applied(tiny("pocket"), tokenizer)
    tuned.model.eval()
    with torch.no_grad():
        before = tuned.model(input_ids=ids).logits
    tuned.model.train()
    logits = tuned.model(input_ids=ids).logits
    logits.square().mean().backward()
    assert torch.equal(logits, before)
    assert all(p.grad is not None for p in tuned.movable.values())
    assert all(p.grad.abs().max() > 0 for name, p in tuned.movable.items() if "lora_B" in name)  # A's is 0 at first


def test_a_machine_without_bitsandbytes_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    found = util.find_spec
    monkeypatch.setattr(
        "workbench.methods.contract.find_spec", lambda name: None if name == "bitsandbytes" else found(name)
    )
    with pytest.raises(SpecError, match="pip install bitsandbytes"):
        check(RunSpec(method=Choice("qlora")))
    METHODS["qlora"]()  # it can be looked at and counted all the same


def test_all_matrices_of_the_pocket_model_are_quantised() -> None:
    card = find_card("pocket-gpt")
    pieces = configure(METHODS["qlora"], {}, "qlora").anatomy(card).pieces
    assert sum(piece.bits > 0 for piece in pieces) == 7 * card.depth  # 192 and 512 inputs: all of them
    assert [can_be_read(inputs) for inputs in (64, 192, 16, 96, 24, 172)] == [True, True, False, False, True, True]


@pytest.mark.parametrize("inputs", [24, 64, 172, 192])
def test_what_can_be_read_is_read_rightly(inputs: int) -> None:
    import bitsandbytes

    weight = torch.randn(64, inputs)
    packed, state = bitsandbytes.functional.quantize_4bit(weight, quant_type="nf4", compress_statistics=False)
    assert torch.allclose(bitsandbytes.functional.dequantize_4bit(packed, state), nearest(weight), atol=1e-6)


def test_nothing_but_qlora_waits_for_bitsandbytes() -> None:
    script = """
import sys, torch
from workbench.models.load import load_base
from workbench.knobs import configure
from workbench.methods import METHODS
from workbench.methods.peft_models import import_peft
from workbench.training.bench import share
import_peft()
base = load_base("pocket-gpt-nano")
for name in ("lora", "adalora", "ia3", "qlora", "lora"):
    METHODS[name]().apply(share(base.model), base.card, base.tokenizer, torch.Generator())
    print(name, "bitsandbytes" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["lora", "False", "adalora", "False", "ia3", "False", "qlora", "True", "lora", "True"]
    assert done.stderr == ""
