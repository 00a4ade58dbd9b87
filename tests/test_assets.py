"""The bundled models are small, whole, honest about their report, and really know the pocket world."""

import json
from pathlib import Path

import pytest
import torch

from workbench.models.load import load_base
from workbench.pocket import documents
from workbench.pretraining.examine import BARS, examine
from workbench.pretraining.kinds import KINDS
from workbench.pretraining.recipe import RECIPES
from workbench.settings import assets

MODELS = [name for name in RECIPES if (assets() / name).exists()]
LARGEST = 16 * 2**20


def report(name: str) -> dict:
    return json.loads((assets() / name / "report.json").read_text())


def test_the_first_model_is_bundled() -> None:
    assert MODELS[0] == "pocket-gpt"


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_small_and_complete(name: str) -> None:
    folder = assets() / name
    assert (folder / "model.safetensors").stat().st_size <= LARGEST
    for file in ("config.json", "tokenizer.json", "tokenizer_config.json", "recipe.json", "report.json", "README.md"):
        assert (folder / file).stat().st_size > 0
    base = load_base(name)
    assert sum(p.numel() for p in base.model.parameters()) == base.card.parameters == report(name)["parameters"]
    assert base.card.biases() or base.card.family == "t5", "BitFit needs biases, which no T5 has"


@pytest.mark.parametrize("name", MODELS)
def test_the_recipe_beside_the_weights_is_the_one_in_the_code(name: str) -> None:
    from dataclasses import asdict

    assert json.loads((assets() / name / "recipe.json").read_text()) == asdict(RECIPES[name])


@pytest.mark.parametrize("name", MODELS)
def test_the_report_can_be_measured_again(name: str) -> None:
    base, kind = load_base(name), KINDS[RECIPES[name].kind]()
    assert kind.held_out_loss(base.model, base.tokenizer, 500) == pytest.approx(
        report(name)["scores"]["held_out_loss"], abs=0.01
    )


def test_the_model_card_says_what_the_report_says() -> None:
    card = (assets() / "pocket-gpt" / "README.md").read_text()
    scores = report("pocket-gpt")["scores"]
    assert set(BARS) <= set(scores)
    for name, value in scores.items():
        assert f"| {name} | {value:.3f} |" in card


def test_the_first_model_writes_its_world() -> None:
    """A small part of the examination again; wide margins, since forty samples are few."""
    torch.manual_seed(0)
    base = load_base("pocket-gpt")
    told = report("pocket-gpt")["scores"]
    found = examine(base.model, base.tokenizer, count=40)
    for name in BARS:
        assert found[name] >= told[name] - 0.25, name


def test_every_entry_of_the_vocabulary_is_used_in_the_corpus() -> None:
    tokenizer = load_base("pocket-gpt").tokenizer
    seen: set[int] = set()
    texts = [document.text for document in documents(123, 60_000)]
    for start in range(0, len(texts), 2000):
        for ids in tokenizer(texts[start : start + 2000], add_special_tokens=False)["input_ids"]:
            seen.update(ids)
    unseen = set(range(len(tokenizer))) - seen
    assert unseen == {tokenizer.eos_token_id, tokenizer.pad_token_id}


def test_every_printable_byte_is_one_known_entry() -> None:
    tokenizer = load_base("pocket-gpt").tokenizer
    text = "".join(chr(code) for code in range(32, 127))
    assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False)) == text


def test_assets_hold_nothing_but_safe_files() -> None:
    kinds = {path.suffix for path in Path(assets()).rglob("*") if path.is_file()}
    assert kinds <= {".json", ".safetensors", ".md"}
