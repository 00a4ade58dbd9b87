"""A knob that does not fit, or a model that a method cannot serve, is refused in a sentence that names the field."""

from typing import Any

import pytest

from workbench.errors import SpecError
from workbench.knobs import configure
from workbench.methods import METHODS
from workbench.methods.contract import Method
from workbench.spec import parse_choice


def chosen(choice: str) -> Method:
    parsed = parse_choice(choice)
    return configure(METHODS[parsed.name], parsed.knobs, parsed.name)


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        ("lora:rank=0", "lora:rank"),
        ("lora:targets=gate", "lora:targets"),
        ("lora:targets=query+nonsense", "lora:targets"),
        ("lora:rank=17:pissa=true", "lora:rank"),
        ("adalora:rank=12", "adalora:rank"),
        ("adalora:begin=0.6", "adalora:settled"),
        ("hira:rank=0", "hira:rank"),
        ("road:variant=road_3", "road:variant"),
        ("gralora:parts=3:rank=3", "gralora:parts"),
        ("gralora:rank=3", "gralora:rank"),
        ("deft:rank=17:targets=output", "deft:rank"),
        ("ia3:targets=gate", "ia3:targets"),
        ("vera:targets=gate", "vera:targets"),
        ("vblora:vector_length=5", "vblora:vector_length"),
        ("randlora:rank=17", "randlora:rank"),
        ("fourierft:waves=2000", "fourierft:waves"),
        ("unilora:length=5000:rank=1", "unilora:length"),
        ("tinylora:rank=17", "tinylora:rank"),
        ("waveft:wavelets=2000", "waveft:wavelets"),
        ("trainable_tokens:tokens=41", "trainable_tokens:tokens"),
        ("adaption_prompt", "the model for adaption_prompt"),
        ("diff_pruning:density=2", "diff_pruning:density"),
        ("intrinsic:dimension=3", "intrinsic:dimension"),
        ("compacter:placement=parallel", "compacter:placement"),
        ("compacter:width=6", "compacter:width"),
        ("compacter:division=3:width=6", "compacter:division"),
        ("multitask_prompt:virtual_tokens=32", "multitask_prompt:virtual_tokens"),
        ("ln_tuning:norms=middle", "ln_tuning:norms"),
        ("adapter:placement=above", "adapter:placement"),
        ("adapter:wdith=3", "a knob of adapter"),
        ("last_layers:blocks=3", "last_layers:blocks"),
        ("prompt:virtual_tokens=32", "prompt:virtual_tokens"),
        ("prefix:virtual_tokens=40", "prefix:virtual_tokens"),
        ("p_tuning:encoder=rnn", "p_tuning:encoder"),
        ("none:examples=-1", "none:examples"),
    ],
)
def test_a_knob_that_does_not_fit_is_a_spec_error(choice: str, field: str, tiny: Any) -> None:
    with pytest.raises(SpecError) as caught:
        chosen(choice).anatomy(tiny("gpt2").card)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("choice", "field"), [("c3a:block=5", "c3a:block"), ("adaption_prompt:blocks=3", "adaption_prompt:blocks")]
)
def test_a_knob_that_does_not_fit_a_llama_is_a_spec_error(choice: str, field: str, tiny: Any) -> None:
    with pytest.raises(SpecError) as caught:
        chosen(choice).anatomy(tiny("llama").card)
    assert caught.value.field == field


def test_bitfit_refuses_a_model_without_biases_in_one_sentence(tiny: Any) -> None:
    with pytest.raises(SpecError, match="llama, which has no biases"):
        METHODS["bitfit"]().anatomy(tiny("llama").card)
