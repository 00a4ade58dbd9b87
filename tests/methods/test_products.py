"""Methods that turn a matrix or add a product to it, held against their formulas written by hand."""

from typing import Any

import pytest
import torch
from torch import nn

from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.methods.blocks import fitting_block
from workbench.methods.boft import BOFT
from workbench.methods.hra import HRA
from workbench.methods.loha import LoHa
from workbench.methods.lokr import LoKr, divided
from workbench.methods.miss import MiSS
from workbench.methods.oft import OFT
from workbench.methods.osf import OSF
from workbench.methods.psoft import PSOFT

SEED = 7


def noisy(method: Any, tiny: Any, tokenizer: Any, noise: float = 0.1) -> Any:
    """The method on a tiny model, with noise on what may move so that nothing is zero any more."""
    tuned = method.apply(tiny.shared(), tiny.card, tokenizer, torch.Generator().manual_seed(SEED))
    torch.manual_seed(SEED)
    with torch.no_grad():
        for parameter in tuned.movable.values():
            parameter.add_(noise * torch.randn_like(parameter))
    return tuned.model.eval()


def by_hand(method: Any, layer: Any, weight: torch.Tensor) -> torch.Tensor:
    """The matrix that the formula gives."""
    part = {name: getattr(layer, name)["default"] for name in layer.adapter_layer_names if len(getattr(layer, name))}
    match method:
        case LoHa():
            first, second = part["hada_w1_a"] @ part["hada_w1_b"], part["hada_w2_a"] @ part["hada_w2_b"]
            return weight + method.alpha / method.rank * first * second
        case LoKr():
            first, second = (
                part[name] if name in part else part[f"{name}_a"] @ part[f"{name}_b"] for name in ("lokr_w1", "lokr_w2")
            )
            return weight + method.alpha / method.rank * torch.kron(first, second)
        case HRA():
            for vector in part["hra_u"].T:
                weight = weight - 2 * torch.outer(weight @ vector, vector) / vector.dot(vector)
            return weight
        case MiSS(bat=False):
            repeats = -(-weight.shape[1] // method.rank)
            shard = part["miss_block"].repeat(1, weight.shape[0] // part["miss_block"].shape[1])  # (rank, outputs)
            return weight + shard.T.repeat(1, repeats)[:, : weight.shape[1]]
        case MiSS():
            rank, (outputs, inputs) = method.rank, weight.shape
            shards = weight.reshape(outputs // rank, rank, inputs // rank, rank)
            change = torch.einsum("aibj,ajk->aibk", shards, part["miss_block"]) + part["miss_block"][:, :, None, :]
            return weight + change.reshape(outputs, inputs)
    raise AssertionError(method)


@pytest.mark.parametrize(
    "method",
    [
        LoHa(rank=3, alpha=5.0, targets="query+down"),
        LoKr(rank=2, alpha=3.0),
        LoKr(rank=1, factor=2, both=True, targets="value+up"),
        HRA(mirrors=4),
        MiSS(rank=4),
        MiSS(rank=5, targets="query+down"),
        MiSS(rank=4, columns=4),
        MiSS(rank=4, bat=True),
    ],
    ids=str,
)
def test_the_tuned_model_is_the_base_with_the_formulas_matrices(
    method: Any, tiny: Any, ids: torch.Tensor, tokenizer: Any
) -> None:
    tuned, expected = noisy(method, tiny("pocket"), tokenizer), tiny("pocket").shared()
    for name, layer in tuned.get_base_model().named_modules():
        if hasattr(layer, "adapter_layer_names"):
            place = expected.get_submodule(name)
            place.weight = nn.Parameter(by_hand(method, layer, place.weight).detach())
    assert not torch.allclose(tuned(ids).logits, tiny("pocket").logits(ids), atol=1e-2)
    assert torch.allclose(tuned(ids).logits, expected(ids).logits, atol=1e-4)


@pytest.mark.parametrize("stretch", [False, True])
def test_psoft_turns_the_strongest_directions_among_themselves(stretch: bool, tiny: Any, tokenizer: Any) -> None:
    tuned = noisy(PSOFT(rank=4, stretch=stretch), tiny("llama"), tokenizer)
    layer = tuned.get_base_model().model.layers[0].self_attn.q_proj
    weight, made = layer.base_layer.weight.detach(), layer.psoft_R["default"]
    left, strengths, right = torch.linalg.svd(weight)
    q = torch.zeros(4, 4)
    q[[0, 0, 0, 1, 1, 2], [1, 2, 3, 2, 3, 3]] = made.weight.detach()
    q = q - q.T
    turned = torch.linalg.solve((torch.eye(4) - q).T, (torch.eye(4) + q).T).T  # (I + Q)(I - Q)^-1
    assert torch.allclose(turned @ turned.T, torch.eye(4), atol=1e-5)
    if stretch:
        turned = made.vector_b.detach()[:, None] * turned * made.vector_a.detach()
    signs = torch.diag((right[:4] * layer._psoft_A_cache["default"]).sum(1).sign())  # LAPACK may turn one round
    expected = weight + left[:, :4] * strengths[:4] @ signs @ (turned - torch.eye(4)) @ signs @ right[:4]
    x = torch.randn(3, 16)
    torch.testing.assert_close(layer(x), x @ expected.T, rtol=1e-4, atol=1e-4)


def test_osf_moves_at_right_angles_to_what_it_keeps(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("llama")
    tuned = OSF(kept=0.75).apply(base.shared(), base.card, tokenizer, torch.Generator().manual_seed(SEED))
    model: Any = tuned.model
    optimizer = torch.optim.SGD(tuned.movable.values(), lr=0.5)  # a step along the gradient itself
    model(input_ids=ids, labels=ids).loss.backward()
    optimizer.step()
    layer = model.get_base_model().model.layers[0].mlp.down_proj  # 24 inputs, 16 outputs: 12 directions are kept
    weight, change = layer.base_layer.weight.detach(), layer.get_delta_weight("default").detach()
    left, _, right = torch.linalg.svd(weight)
    assert change.abs().max() > 1e-4
    assert torch.allclose(left[:, :12].T @ change, torch.zeros(12, 24), atol=1e-5)
    assert torch.allclose(change @ right[:12].T, torch.zeros(16, 12), atol=1e-5)
    x = torch.randn(3, 24)
    torch.testing.assert_close(layer(x), x @ (weight + change).T, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("method", [OFT(), OFT(alike=True), BOFT(), BOFT(factors=3, block=2), HRA(mirrors=2)], ids=str)
def test_what_flows_into_a_matrix_keeps_its_length(method: Any, tiny: Any, tokenizer: Any) -> None:
    tuned = noisy(method, tiny("pocket"), tokenizer, noise=0.02)
    layer = tuned.get_base_model().model.layers[0].mlp.down_proj
    turned = rotation(layer)
    assert not torch.allclose(turned, torch.eye(len(turned)), atol=1e-3)
    assert torch.allclose(turned @ turned.T, torch.eye(len(turned)), atol=1e-4)


def rotation(layer: Any) -> torch.Tensor:
    found = layer.get_delta_weight("default")
    return (found[0] if isinstance(found, tuple) else found).detach()


def test_a_second_round_reaches_beyond_a_block(tiny: Any, tokenizer: Any) -> None:
    reached = []
    for factors in (1, 2):
        tuned = noisy(BOFT(block=4, factors=factors), tiny("pocket"), tokenizer)
        turned = rotation(tuned.get_base_model().model.layers[0].self_attn.q_proj)
        reached.append({tuple(row.nonzero().flatten().tolist()) for row in turned.abs() > 1e-6})
    assert reached[0] == {tuple(range(first, first + 4)) for first in range(0, 16, 4)}
    assert reached[1] == {tuple(range(first, first + 8)) for first in range(0, 16, 8)}


def test_the_blocks_have_torchs_own_gradient() -> None:
    from workbench.methods.tuners.butterfly import BlockDiagonal

    blocks = torch.randn(2, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    gradient = torch.randn(2, 12, 12, dtype=torch.float64)
    (written,) = BlockDiagonal().forward(blocks)
    (expected,) = torch.autograd.grad(written, blocks, gradient)
    assert torch.equal(BlockDiagonal().backward(gradient, blocks)[0], expected)


def test_a_width_is_divided_as_peft_divides_it() -> None:
    from peft.tuners.lokr.layer import factorization

    for size in (1, 7, 16, 24, 127, 192, 512, 768, 4096, 11008):
        for factor in (0, 1, 2, 5, 8, 12, 64):
            assert divided(size, factor) == factorization(size, factor or -1)


def test_the_greatest_block_that_fits_all() -> None:
    assert fitting_block([192, 512], 32) == 32 and fitting_block([192, 512], 32, step=4) == 16
    assert fitting_block([17, 34], 8) == 1 and fitting_block([17, 34], 8, step=2) == 0


@pytest.fixture
def card(tiny: Any) -> ModelCard:
    card: ModelCard = tiny("llama").card
    return card


@pytest.mark.parametrize(
    ("method", "field", "allowed"),
    [
        (OFT(block=5), "oft:block", "divides 16"),
        (OFT(block=1), "oft:block", "from 2 on"),
        (OFT(block=16), "oft:block", "divides 24"),
        (BOFT(block=8), "boft:block", "times 2, divides 24"),
        (BOFT(factors=4), "boft:factors", "16 and 24"),
        (HRA(mirrors=3), "hra:mirrors", "even number up to 16"),
        (HRA(mirrors=18), "hra:mirrors", "even number up to 16"),
        (PSOFT(rank=9), "psoft:rank", "8 or less for model.layers.0.self_attn.k_proj"),
        (OSF(kept=0.05), "osf:kept", "at least one"),
        (MiSS(rank=17), "miss:rank", "16 or less"),
        (MiSS(rank=3, bat=True), "miss:rank", "divides 16 and 16"),
        (MiSS(rank=4, columns=3), "miss:columns", "divides 16"),
        (MiSS(rank=4, columns=4, bat=True), "miss:columns", "0 with bat"),
    ],
    ids=str,
)
def test_a_size_that_does_not_fit_is_one_sentence(method: Any, field: str, allowed: str, card: ModelCard) -> None:
    with pytest.raises(SpecError, match=allowed) as caught:
        method.anatomy(card)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "method", [LoHa(), LoKr(), OFT(), BOFT(), HRA(), MiSS(), PSOFT(), OSF()], ids=lambda method: str(method.name)
)
def test_gpt2s_matrices_are_refused_in_one_sentence(method: Any, tiny: Any) -> None:
    with pytest.raises(SpecError, match="the model for"):
        method.anatomy(tiny("gpt2").card)
