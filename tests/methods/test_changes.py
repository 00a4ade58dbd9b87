"""What methods of shared or sparse parts add to a matrix, held against each formula written by hand."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from workbench.errors import SpecError
from workbench.knobs import configure
from workbench.methods import METHODS
from workbench.methods.randlora import RandLoRA
from workbench.methods.shira import SHiRA
from workbench.methods.vblora import VBLoRA
from workbench.spec import parse_choice

NAME = "default"  # PEFT's for the only adapter


def vera(layer: Any) -> torch.Tensor:
    left, right = layer.vera_lambda_b[NAME], layer.vera_lambda_d[NAME]
    outer, inner = layer.vera_B[NAME][: len(left)], layer.vera_A[NAME][:, : layer.in_features]
    change: torch.Tensor = torch.diag(left) @ outer @ torch.diag(right) @ inner
    return change


def pvera(layer: Any) -> torch.Tensor:
    """The upper half of A gives the means; the lower half, the variances, tells only in training."""
    left, right = layer.pvera_lambda_b[NAME], layer.pvera_lambda_d[NAME][:5]
    outer, inner = layer.pvera_B[NAME][: len(left)], layer.pvera_A[NAME][:5, : layer.in_features]
    change: torch.Tensor = torch.diag(left) @ outer @ torch.diag(right) @ inner
    return change


def unilora(layer: Any) -> torch.Tensor:
    """Two queries of 16 x 16 and rank 2 have 128 places; each of 32 numbers is shown at four, halved therefore."""
    vector = layer.unilora_theta_d[NAME]
    inner, outer = (
        torch.stack([torch.stack([vector[place] / 2 for place in row]) for row in places.tolist()])
        for places in (layer.unilora_indices_A[NAME], layer.unilora_indices_B[NAME])
    )
    return outer @ inner


def tinylora(layer: Any) -> torch.Tensor:
    vector = layer.tinylora_v[NAME][layer._tinylora_v_key[NAME]]
    left, strengths, right = torch.linalg.svd(layer.base_layer.weight)
    scales = strengths[:2].sqrt()
    outer, inner = left[:, :2] * scales, scales[:, None] * right[:2]
    signs = (outer[:, 0] @ layer.tinylora_B[NAME][:, 0]).sign(), (outer[:, 1] @ layer.tinylora_B[NAME][:, 1]).sign()
    turned = torch.diag(torch.stack(signs))  # a direction of the decomposition may be turned round
    mixture = sum(weight * matrix for weight, matrix in zip(vector, layer.tinylora_P[NAME], strict=True))
    change: torch.Tensor = outer @ turned @ mixture @ turned @ inner
    return change


def vblora(layer: Any) -> torch.Tensor:
    def mixed(logits: torch.Tensor) -> torch.Tensor:  # one part
        values, places = logits.topk(2)
        return values.softmax(0) @ bank[places]  # type: ignore[no-any-return]

    bank, first, second = (d[NAME] for d in (layer.vblora_vector_bank, layer.vblora_logits_A, layer.vblora_logits_B))
    inner = torch.stack([torch.cat([mixed(logits) for logits in row]) for row in first])
    outer = torch.cat([torch.stack([mixed(logits) for logits in part], dim=1) for part in second])
    return outer @ inner


def randlora(layer: Any) -> torch.Tensor:
    scales, columns = layer.randlora_lambda[NAME], layer.randlora_gamma[NAME]
    longer, shorter = max(layer.in_features, layer.out_features), min(layer.in_features, layer.out_features)
    rank, products = scales.shape
    inner, outer = layer.randlora_A[NAME][:, 0, :shorter], layer.randlora_B[NAME][:longer, :products]
    outer = outer.reshape(longer, rank, products)  # PEFT pairs the random columns of B with A's rows in this order
    change = torch.zeros(longer, shorter)
    for k in range(products):
        change = change + 2.0 * outer[:, :, k] @ torch.diag(scales[:, k]) @ inner @ torch.diag(columns[k])
    return change if layer.out_features == longer else change.T


def fourierft(layer: Any) -> torch.Tensor:
    """Each learned entry adds a wave, of the cosine over rows and columns."""
    rows, columns = torch.arange(layer.out_features).double(), torch.arange(layer.in_features).double()
    change = torch.zeros(layer.out_features, layer.in_features)
    for (row, column), weight in zip(layer.indices[NAME].T.tolist(), layer.fourierft_spectrum[NAME], strict=True):
        turns = row * rows[:, None] / layer.out_features + column * columns / layer.in_features
        change = change + weight * torch.cos(2 * torch.pi * turns).float()
    return 8.0 * change / change.numel()


def waveft(layer: Any) -> torch.Tensor:
    """Each coefficient of the Haar wavelet adds half of itself, with signs, to 2 x 2 entries."""
    high, wide = layer.out_features // 2, layer.in_features // 2
    change = torch.zeros(layer.out_features, layer.in_features)
    for (row, column), weight in zip(layer.waveft_indices[NAME].T.tolist(), layer.waveft_spectrum[NAME], strict=True):
        down, right = (-1.0 if column >= wide else 1.0), (-1.0 if row >= high else 1.0)
        top, left = 2 * (row % high), 2 * (column % wide)
        patch = torch.tensor([[1.0, right], [down, down * right]])
        change = change + nn.functional.pad(
            3.0 * weight * patch / 2,
            (left, layer.in_features - left - 2, top, layer.out_features - top - 2),
        )
    return change


def shira(layer: Any) -> torch.Tensor:
    rows, columns = layer.shira_indices[NAME].long()
    return torch.zeros(layer.out_features, layer.in_features).index_put((rows, columns), layer.shira_weight[NAME])


CHANGES: dict[str, Callable[[Any], torch.Tensor]] = {
    "vera:rank=5": vera,
    "pvera:rank=5:targets=all_linear": pvera,
    "unilora:rank=2:length=32:targets=query": unilora,
    "tinylora:numbers=3": tinylora,
    "tinylora:numbers=3:tied=true": tinylora,
    "vblora:rank=3:vectors=6": vblora,
    "randlora:rank=3:strength=2": randlora,
    "fourierft:waves=9:strength=8": fourierft,
    "waveft:wavelets=9:strength=3": waveft,
    "shira:rank=2": shira,
}


@pytest.mark.parametrize("choice", CHANGES)
def test_the_change_is_the_formulas(choice: str, tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base, parsed = tiny("llama"), parse_choice(choice)
    method = configure(METHODS[parsed.name], parsed.knobs, parsed.name)
    tuned = method.apply(base.shared(), base.card, tokenizer, torch.Generator().manual_seed(0))
    torch.manual_seed(0)
    by_hand = base.shared()
    with torch.no_grad():
        for parameter in tuned.movable.values():
            parameter.add_(0.3 * torch.randn_like(parameter))
        for name, layer in tuned.model.get_base_model().named_modules():  # type: ignore[operator]
            if hasattr(layer, "base_layer"):
                target = by_hand.get_submodule(name)
                target.weight = nn.Parameter(target.weight + CHANGES[choice](layer))
        assert not torch.allclose(by_hand(ids).logits, base.logits(ids), atol=1e-2)
        assert torch.allclose(tuned.model.eval()(ids).logits, by_hand(ids).logits, atol=1e-4)


def test_shira_moves_no_more_entries_than_a_matrix_has(tiny: Any) -> None:
    with pytest.raises(SpecError, match="5 or less for model.layers.0.self_attn.k_proj.weight"):
        SHiRA(rank=6).anatomy(tiny("llama").card)  # 8 x 16 entries, and 6 * (8 + 16) are more
    assert SHiRA(rank=5).anatomy(tiny("llama").card).trainable


def test_what_a_knob_of_zero_takes_fits_the_model(tiny: Any) -> None:
    card = tiny("llama").card
    weights = VBLoRA().weights(card)
    assert VBLoRA().settings(weights, card)["vector_length"] == 8  # divides 16, 24 and the keys' 8
    assert RandLoRA().settings(weights, card)["r"] == 1  # a sixteenth of the width
    for method in (VBLoRA(vector_length=8), RandLoRA(rank=1)):
        assert method.anatomy(card) == type(method)().anatomy(card)
