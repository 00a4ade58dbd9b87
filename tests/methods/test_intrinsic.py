"""Tuning in a random subspace: the projection is Fastfood's, and weights are computed for each pass alone."""

from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy

from workbench.methods.artifact import load_artifact, save_artifact
from workbench.methods.intrinsic import IntrinsicDimension
from workbench.methods.tuners.subspace import Subspace, hadamard


def hadamard_matrix(width: int) -> torch.Tensor:
    """An entry is -1 where row and column number have an odd number of ones in common, as binary numbers."""
    return torch.tensor([[(-1.0) ** (row & column).bit_count() for column in range(width)] for row in range(width)])


def subspace(dimension: int, seed: int = 3) -> Subspace:
    shapes = {"a": torch.Size([5, 4]), "layer.0.b": torch.Size([7]), "layer.1.b": torch.Size([6])}
    return Subspace(shapes, {"a": "", "layer.0.b": "layer.0", "layer.1.b": "layer.1"}, dimension, seed)


@pytest.mark.parametrize("width", [1, 2, 8, 32])
def test_the_transform_is_the_product_with_hadamards_matrix(width: int) -> None:
    rows = torch.randn(3, width, generator=torch.Generator().manual_seed(0))
    expected = rows @ hadamard_matrix(width)
    assert torch.allclose(hadamard(rows), expected, atol=1e-5)


def test_the_projection_is_fastfood_in_blocks() -> None:
    """Column by column against H G P H B, made of whole matrices."""
    space = subspace(dimension=6)  # padded to 8, so 33 numbers take 5 blocks
    h = hadamard_matrix(8)
    blocks = []
    for number in range(5):
        place = space.order.view(5, 8)[number].long() - 8 * number
        assert sorted(place.tolist()) == list(range(8))
        mixing = torch.eye(8)[place]
        blocks.append(h @ torch.diag(space.scales[number]) @ mixing @ h @ torch.diag(space.signs[number].float()))
    whole = torch.cat(blocks)  # (40, 8)
    assert torch.allclose(whole.norm(dim=0), torch.ones(8), atol=1e-5)
    columns = torch.stack([space.project(column) for column in torch.eye(6)], dim=1)
    assert torch.allclose(columns, whole[:33, :6], atol=1e-5)


def test_each_layer_has_a_factor_of_its_own() -> None:
    space = subspace(dimension=4)
    with torch.no_grad():
        space.theta.copy_(torch.tensor([1.0, -2.0, 0.5, 3.0]))
        space.factors.copy_(torch.tensor([1.0, 2.0, -3.0]))
    flat = space.project(space.theta)
    changes = space.changes()
    assert torch.allclose(changes["a"].flatten(), flat[:20])
    assert torch.allclose(changes["layer.0.b"], 2 * flat[20:27])
    assert torch.allclose(changes["layer.1.b"], -3 * flat[27:])


def test_the_gradient_is_that_of_the_weights_seen_from_the_subspace(
    tiny: Any, ids: torch.Tensor, tokenizer: Any
) -> None:
    """dL/dtheta = P' dL/dW, with the tied weight of two places counted once."""
    base = tiny("gpt2")
    method = IntrinsicDimension(dimension=9, structure=False)
    tuned = method.apply(base.shared(), base.card, tokenizer, torch.Generator().manual_seed(0))
    loss(tuned.model, ids).backward()
    moving = base.shared()
    loss(moving, ids).backward()
    flat = torch.cat([parameter.grad.flatten() for parameter in moving.parameters()])
    space = tuned.model.intrinsic
    expected = torch.stack([space.project(column) @ flat for column in torch.eye(9)])
    assert torch.allclose(space.theta.grad, expected.detach(), rtol=1e-3, atol=1e-5)


def test_two_passes_before_one_step_add_up(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("pocket")
    tuned = IntrinsicDimension(dimension=9).apply(base.shared(), base.card, tokenizer, torch.Generator().manual_seed(0))
    for _ in range(2):
        loss(tuned.model, ids).backward()
    both = tuned.model.intrinsic.theta.grad.clone()
    tuned.model.zero_grad()
    loss(tuned.model, ids).backward()
    assert torch.allclose(both, 2 * tuned.model.intrinsic.theta.grad, rtol=1e-4)


def test_a_failed_pass_leaves_the_base_in_its_place(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("llama")
    model = base.shared()
    tuned = IntrinsicDimension(dimension=9).apply(model, base.card, tokenizer, torch.Generator().manual_seed(0))
    before = dict(model.named_parameters())
    with pytest.raises(IndexError):
        tuned.model(ids + 1000)
    assert all(parameter is before[name] for name, parameter in model.named_parameters())


def test_weights_are_computed_in_full_precision_under_autocast(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("llama")
    tuned = IntrinsicDimension(dimension=9).apply(base.shared(), base.card, tokenizer, torch.Generator().manual_seed(0))
    with torch.no_grad():
        tuned.movable["intrinsic.theta"].fill_(1.0)
        with torch.autocast("cpu", torch.bfloat16):
            half = {name: weight.clone() for name, weight in tuned.weights().items()}
        tuned.movable["intrinsic.theta"].fill_(1.0)  # so that they are computed anew
        assert all(torch.equal(weight, half[name]) for name, weight in tuned.weights().items())


def test_another_seed_is_another_subspace_and_the_artifact_knows_its_own(
    tiny: Any, ids: torch.Tensor, tokenizer: Any, tmp_path: Any
) -> None:
    base, method = tiny("llama"), IntrinsicDimension(dimension=9)
    answers = []
    for seed in (1, 2):
        tuned = method.apply(base.shared(), base.card, tokenizer, torch.Generator().manual_seed(seed))
        with torch.no_grad():
            tuned.movable["intrinsic.theta"].fill_(1.0)
            answers.append(tuned.model(ids).logits)
        save_artifact(tuned, method, tmp_path / str(seed))
        with torch.no_grad():
            loaded = load_artifact(tmp_path / str(seed), base.shared())(ids).logits
        assert torch.allclose(loaded, answers[-1], atol=1e-5)
    assert not torch.allclose(*answers, atol=1e-2)


def loss(model: Any, ids: torch.Tensor) -> torch.Tensor:
    out = model(input_ids=ids).logits
    return cross_entropy(out[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
