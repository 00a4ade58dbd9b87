"""Layers thaw from the top, and lower ones take smaller steps."""

from typing import Any

import pytest
import torch

from workbench.methods.gradual_unfreezing import GradualUnfreezing
from workbench.models.catalog import find_card


def thawed(tuned: Any) -> set[str]:
    return {name for name, parameter in tuned.movable.items() if parameter.requires_grad}


@pytest.fixture
def model(tiny: Any) -> Any:
    return tiny("gpt2")


def test_the_top_block_and_the_final_norm_move_first(model: Any, tokenizer: Any) -> None:
    tuned = GradualUnfreezing().apply(model.shared(), model.card, tokenizer, torch.Generator())
    assert thawed(tuned) == model.card.blocks([1]) | {"transformer.ln_f.weight", "transformer.ln_f.bias"}


def test_one_block_joins_after_the_other_and_the_embedding_comes_last(model: Any, tokenizer: Any) -> None:
    method = GradualUnfreezing(thawed_at=0.5)
    tuned = method.apply(model.shared(), model.card, tokenizer, torch.Generator())
    sizes = []
    for done in (0.0, 0.24, 0.26, 0.49, 0.5, 1.0):
        method.on_progress(tuned, done)
        sizes.append(len(thawed(tuned)))
    block = len(model.card.blocks([0]))
    assert sizes == [block + 2, block + 2, 2 * block + 2, 2 * block + 2, 2 * block + 4, 2 * block + 4]


def test_each_layer_takes_smaller_steps_than_the_one_above(model: Any, tokenizer: Any) -> None:
    tuned = GradualUnfreezing().apply(model.shared(), model.card, tokenizer, torch.Generator())
    assert tuned.rates["transformer.h.0.ln_1.weight"] == pytest.approx(1 / 2.6)
    assert tuned.rates["transformer.wte.weight"] == pytest.approx(1 / 2.6**2)
    assert "transformer.h.1.ln_1.weight" not in tuned.rates and "transformer.ln_f.weight" not in tuned.rates


def test_stages_join_layers(model: Any, tokenizer: Any) -> None:
    for stages, expected in ((1, 1), (2, 2), (3, 3), (50, 3)):
        tuned = GradualUnfreezing(stages=stages).apply(model.shared(), model.card, tokenizer, torch.Generator())
        assert len(tuned.groups) == expected
        assert sorted(name for group in tuned.groups for name in group) == sorted(tuned.movable)


def test_everything_moves_at_once_when_asked_to(model: Any, tokenizer: Any) -> None:
    tuned = GradualUnfreezing(thawed_at=0.0).apply(model.shared(), model.card, tokenizer, torch.Generator())
    assert thawed(tuned) == set(tuned.movable)


def test_the_anatomy_says_how_many_stages_there_are() -> None:
    (note,) = GradualUnfreezing().anatomy(find_card("gpt2")).notes
    assert note.startswith("Thaws in 13 stages")
