"""The catalog counts as published, and every way of naming a model ends in a card or one sentence."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.errors import ModelError
from workbench.models.catalog import CATALOG, find_card

# Published or recomputed totals; T5's are those of the prompt tuning paper, with an untied head.
TOTALS = {
    "gpt2": 124_439_808,
    "gpt2-medium": 354_823_168,
    "gpt2-large": 774_030_080,
    "gpt2-xl": 1_557_611_200,
    "distilgpt2": 81_912_576,
    "roberta-base": 124_645_632,
    "roberta-large": 355_359_744,
    "bert-base": 109_482_240,
    "bert-large": 335_141_888,
    "llama-7b": 6_738_415_616,
    "llama-13b": 13_015_864_320,
    "llama-3.2-1b": 1_235_814_400,
    "llama-3.2-3b": 3_212_749_824,
    "t5-v1.1-small": 76_961_152,
    "t5-v1.1-base": 247_577_856,
    "t5-v1.1-large": 783_150_080,
    "t5-v1.1-xl": 2_849_757_184,
    "t5-v1.1-xxl": 11_135_332_352,
    "pythia-14m": 14_067_712,
    "pythia-31m": 30_494_720,
    "pythia-70m": 70_426_624,
    "pythia-160m": 162_322_944,
    "pythia-410m": 405_334_016,
    "smollm2-135m": 134_515_008,
    "smollm2-360m": 361_821_120,
    "smollm2-1.7b": 1_711_376_384,
    "opt-125m": 125_239_296,
    "opt-350m": 331_196_416,
    "opt-1.3b": 1_315_758_080,
    "qwen2.5-0.5b": 494_032_768,
    "qwen2.5-1.5b": 1_543_714_304,
    "qwen3-0.6b": 596_049_920,
    "tinyllama-1.1b": 1_100_048_384,
    "gemma-3-270m": 268_098_176,
    # 96 blocks of 12 d^2 + 13 d, the tables and the final norm, d = 12,288: the paper's "175B".
    "gpt3-175b": 96 * (12 * 12288**2 + 13 * 12288) + (50257 + 2048 + 2) * 12288,
}


def test_every_model_that_is_not_bundled_has_a_total_to_meet() -> None:
    assert set(TOTALS) == {name for name, entry in CATALOG.items() if not entry.is_bundled}


@pytest.mark.parametrize(("name", "total"), TOTALS.items())
def test_a_model_counts_as_published(name: str, total: int) -> None:
    assert find_card(name).parameters == total


@pytest.mark.parametrize("name", [name for name, entry in CATALOG.items() if entry.is_bundled])
def test_a_bundled_model_is_of_the_family_that_its_name_says(name: str) -> None:
    if not CATALOG[name].folder.is_dir():
        pytest.skip(f"{name} is not in assets/")
    card = find_card(name)
    family, kind = {"bert": ("bert", "encoder"), "t5": ("t5", "encoder_decoder")}.get(
        name.removeprefix("pocket-"), ("llama", "decoder")
    )
    assert (card.family, card.kind, card.name) == (family, kind, name)
    assert card.biases() or family == "t5"


def test_a_bundled_model_that_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("workbench.models.catalog.assets", lambda: tmp_path)
    with pytest.raises(ModelError, match="pocket-gpt is not in"):
        find_card("pocket-gpt")


def test_every_entry_says_what_a_person_wants_to_know() -> None:
    for name, entry in CATALOG.items():
        assert name == name.lower() == entry.name
        assert entry.licence
        assert entry.description.endswith(".")
        if not entry.is_bundled:
            assert entry.stored_bytes >= 2 * entry.card().parameters


def test_published_biases_of_bert_are_met() -> None:
    # BitFit (arXiv:2106.10199): the pooler's bias counts.
    assert sum(piece.count for piece in find_card("bert-base").biases()) == 102_912
    assert sum(piece.count for piece in find_card("bert-large").biases()) == 272_384


@pytest.mark.parametrize("spelling", ["gpt2", "GPT2", " gpt2 ", "openai-community/gpt2", "OpenAI-community/GPT2"])
def test_a_name_or_hub_id_is_found_in_any_case(spelling: str) -> None:
    assert find_card(spelling).name == "gpt2"


def test_a_local_folder_is_read(save_tiny: Callable[..., Path]) -> None:
    folder = save_tiny("gpt2")
    assert find_card(str(folder)).family == "gpt2"
    assert find_card(str(folder)).name == "tiny-gpt2"


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("gtp2", "There is no model 'gtp2'. Did you mean gpt2?"),
        ("smollm2-135", "Did you mean smollm2-135m?"),
        ("", "'' is not the name of a model."),
        ("gp\0t2", "is not the name of a model."),
        ("./nowhere", "There is no folder ./nowhere."),
        ("/no/where", "There is no folder /no/where."),
        ("a/b/c", "There is no folder a/b/c."),
        ("../../nowhere", "There is no folder ../../nowhere."),
        ("owner/..", "There is no model 'owner/..'."),
        (__file__, "is a file, but a model is a folder"),
    ],
)
def test_what_is_no_model_is_one_sentence(model: str, sentence: str) -> None:
    with pytest.raises(ModelError) as caught:
        find_card(model)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_offline_an_unknown_hub_model_says_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match=r"nobody/nothing is not on this machine.*bundled models.*local folder"):
        find_card("nobody/nothing")


def test_a_hub_model_in_the_cache_needs_no_network(
    monkeypatch: pytest.MonkeyPatch, save_tiny: Callable[..., Path]
) -> None:
    folder = save_tiny("llama")
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda hub_id, name: str(folder / name))
    assert find_card("someone/something").name == "someone/something"


def test_the_catalog_needs_neither_torch_nor_transformers() -> None:
    code = (
        "import sys, json; from workbench.models.catalog import find_card; find_card('gpt2');"
        "print(json.dumps([n for n in ('torch', 'transformers', 'peft', 'huggingface_hub') if n in sys.modules]))"
    )
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert json.loads(done.stdout) == []
