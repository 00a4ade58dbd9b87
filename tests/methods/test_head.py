"""A classification head beside every method: the anatomy is true, all of it moves, and it is kept."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from workbench.anatomy import canonical_names
from workbench.errors import RunError, SpecError
from workbench.knobs import configure
from workbench.methods import METHODS
from workbench.methods.artifact import load_artifact, save_artifact
from workbench.methods.contract import Method, Tuned
from workbench.methods.head import FILE, head_of, new_head, train_head, with_head
from workbench.spec import parse_choice

torch.set_num_threads(1)

LABELS = (" yes", " no", " who knows")
# The tiny model knows few tokens and has small matrices.
SMALL = {
    "trainable_tokens": "trainable_tokens:tokens=4",
    "waveft": "waveft:wavelets=20",
    "fourierft": "fourierft:waves=20",
    "vblora": "vblora:vectors=5",
    "vera": "vera:rank=6",
    "hra": "hra:mirrors=4",
    "shira": "shira:rank=2",
    "loha": "loha:rank=2",
    "lokr": "lokr:rank=2",
    "miss": "miss:rank=4",
}
TRAINING = [name for name, method in METHODS.items() if method.trains]

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


def method_of(name: str) -> Method:
    choice = parse_choice(SMALL.get(name, name))
    return configure(METHODS[choice.name], choice.knobs, choice.name)


def tuned_with_head(method: Method, base: Any, tokenizer: Any) -> Tuned:
    card = replace(base.card, labels=len(LABELS))
    generator = torch.Generator().manual_seed(0)
    head = new_head(card, LABELS, generator)
    tuned = method.apply(base.shared(), card, tokenizer, generator)
    train_head(tuned, head, card)
    return tuned


@pytest.mark.parametrize("name", TRAINING)
@pytest.mark.parametrize("model", ["llama", "pocket", "bert", "t5", "opt-narrow"])
def test_the_anatomy_is_the_built_model_and_what_it_keeps(
    name: str, model: str, tiny: Any, tokenizer: Any, tmp_path: Path
) -> None:
    from safetensors.torch import load_file

    base, method = tiny(model), method_of(name)
    card = replace(base.card, labels=len(LABELS))
    try:
        anatomy = with_head(method.anatomy(card), card)
    except SpecError:
        pytest.skip("it says that it does not serve this family")
    tuned = tuned_with_head(method, base, tokenizer)
    names = canonical_names(name for name, _ in tuned.model.named_parameters())
    # What is in four bits is stored in another shape than the matrix has.
    built = {names[name]: tuple(getattr(p, "quant_state", p).shape) for name, p in tuned.model.named_parameters()}
    assert {piece.name: piece.shape for piece in anatomy.pieces} == built
    moving = {piece.name for piece in anatomy.pieces if piece.state != "frozen"}
    assert moving == {names[name] for name in tuned.movable}
    assert {"classification_head.weight", "classification_head.bias"} <= moving
    save_artifact(tuned, method, tmp_path)
    kept = sum(t.numel() for path in tmp_path.rglob("*.safetensors") for t in load_file(path).values())
    assert 4 * kept == anatomy.checkpoint_bytes


def test_what_the_head_makes_idle_does_not_move(tiny: Any, tokenizer: Any) -> None:
    tuned = tuned_with_head(method_of("full"), tiny("llama"), tokenizer)
    asking = [name for name, parameter in tuned.model.named_parameters() if parameter.requires_grad]
    assert asking == list(tuned.movable)
    assert "lm_head.weight" not in asking and "model.norm.weight" in asking


def test_features_and_a_head_are_a_linear_probe(tiny: Any, tokenizer: Any) -> None:
    base = tiny("pocket")
    tuned = tuned_with_head(method_of("feature_based"), base, tokenizer)
    assert list(tuned.movable) == ["classification_head.weight", "classification_head.bias"]
    assert sum(p.numel() for p in tuned.movable.values()) == base.card.width * 3 + 3  # width * labels + labels


def test_the_head_starts_small_and_is_decided_by_the_seed(tiny: Any) -> None:
    card = replace(tiny("llama").card, labels=50, width=400)
    one, same, other = (new_head(card, ("a",) * 50, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1))
    assert torch.equal(one.weight, same.weight) and not torch.equal(one.weight, other.weight)
    assert float(one.weight.detach().std()) == pytest.approx(0.02, rel=0.05)
    assert not one.bias.any()


@pytest.mark.parametrize("name", ["full", "feature_based", "lora", "prompt"])
def test_the_head_comes_back_with_its_labels(name: str, tiny: Any, tokenizer: Any, tmp_path: Path) -> None:
    base, method = tiny("llama"), method_of(name)
    tuned = tuned_with_head(method, base, tokenizer)
    head = head_of(tuned.model)
    assert head is not None
    with torch.no_grad():
        head.bias.add_(torch.tensor([1.0, 2.0, 3.0]))
    save_artifact(tuned, method, tmp_path)
    found = head_of(load_artifact(tmp_path, base.shared()))
    assert found is not None and found.labels == LABELS
    assert torch.equal(found.weight, head.weight) and torch.equal(found.bias, head.bias)


def test_a_head_of_another_width_or_a_damaged_one_is_one_sentence(tiny: Any, tokenizer: Any, tmp_path: Path) -> None:
    method = method_of("feature_based")
    save_artifact(tuned_with_head(method, tiny("opt-narrow"), tokenizer), method, tmp_path)
    with pytest.raises(RunError, match="does not fit this base model"):
        load_artifact(tmp_path, tiny("llama").shared())
    (tmp_path / FILE).write_bytes(b"no tensors")
    with pytest.raises(RunError, match="is damaged"):
        load_artifact(tmp_path, tiny("opt-narrow").shared())
