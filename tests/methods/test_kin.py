"""What LoRA's kin make of a layer, held against each formula written by hand."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from workbench.knobs import configure
from workbench.methods import METHODS
from workbench.spec import parse_choice

NAME = "default"  # PEFT's for the only adapter
IDS = torch.tensor([[5, 9, 7, 6]])


def hira(layer: Any, weight: torch.Tensor) -> torch.Tensor:
    return weight + weight * (layer.hira_B[NAME] @ layer.hira_A[NAME])


def delora(layer: Any, weight: torch.Tensor) -> torch.Tensor:
    strength, change = layer.delora_lambda[NAME], torch.zeros_like(weight)
    for row, column in zip(layer.delora_A[NAME], layer.delora_B[NAME].T, strict=True):
        change = change + torch.outer(column / column.norm(), row / row.norm())
    return weight + strength / len(layer.delora_A[NAME]) * change @ torch.diag(weight.norm(dim=0))


def road(layer: Any, weight: torch.Tensor) -> torch.Tensor:
    """Every eight outputs are a group, whose first half is paired with the second."""
    turned = weight.clone()
    for pair, (angle, stretch) in enumerate(zip(layer.road_theta[NAME], layer.road_alpha[NAME], strict=True)):
        first = pair // 4 * 8 + pair % 4
        one, other = weight[first], weight[first + 4]
        turned[first] = stretch * (angle.cos() * one - angle.sin() * other)
        turned[first + 4] = stretch * (angle.sin() * one + angle.cos() * other)
    return turned


def c3a(layer: Any, weight: torch.Tensor) -> torch.Tensor:
    kernels, change = layer.c3a_kernel[NAME], torch.zeros_like(weight)
    size = kernels.shape[2]
    for row in range(weight.shape[0]):
        for column in range(weight.shape[1]):
            place = (column - row) % size  # each row is the one above it, moved on by one
            change[row, column] = kernels[row // size, column // size, place]
    return weight + change / weight.shape[1]


def gralora(layer: Any, weight: torch.Tensor) -> torch.Tensor:
    """Two parts of inputs and of outputs, and two of the four directions for each pair of them."""
    first, second = layer.gralora_A[NAME], layer.gralora_B[NAME]
    rows = []
    for row in range(2):
        blocks = []
        for column in range(2):
            thin = first[column][:, 2 * row : 2 * row + 2].T  # (2, inputs / 2)
            blocks.append(second[row][2 * column : 2 * column + 2].T @ thin)
        rows.append(torch.cat(blocks, dim=1))
    return weight + 6.0 / 4 * torch.cat(rows)


def deft(layer: Any, weight: torch.Tensor) -> torch.Tensor:
    place, filling = layer.deft_P[NAME], layer.deft_R[NAME]
    return weight - place @ torch.relu(place).T @ weight + place @ filling


def deft_by_qr(layer: Any, weight: torch.Tensor) -> torch.Tensor:
    """Gram and Schmidt: each direction of P without its part along those before it, at length one."""
    directions: list[torch.Tensor] = []
    for column in layer.deft_P[NAME].T:
        for other in directions:
            column = column - other.dot(column) * other
        directions.append(column / column.norm())
    place = torch.stack(directions, dim=1)
    signs = torch.linalg.qr(layer.deft_P[NAME])[1].diag().sign()  # LAPACK may turn a direction round
    return weight - place @ place.T @ weight + place @ torch.diag(signs) @ layer.deft_R[NAME]


def peanut(layer: Any, weight: torch.Tensor) -> torch.Tensor:
    inner = torch.relu(layer.peanut_A[NAME].weight @ weight)  # (rank, inputs)
    shortcut = inner
    inner = torch.relu(layer.peanut_encoders[NAME][0].weight @ inner)
    inner = torch.relu(layer.peanut_decoders[NAME][0].weight @ inner) + shortcut
    return weight + 2.0 * layer.peanut_B[NAME].weight @ inner


def adalora(layer: Any, weight: torch.Tensor) -> torch.Tensor:
    diagonal = torch.diag(layer.lora_E[NAME][:, 0])
    return weight + 32.0 / 3 * layer.lora_B[NAME] @ diagonal @ layer.lora_A[NAME]


CHANGES: dict[str, Callable[[Any, torch.Tensor], torch.Tensor]] = {
    "hira:rank=2": hira,
    "delora:rank=2": delora,
    "road": road,
    "c3a": c3a,
    "gralora:rank=4:alpha=6": gralora,
    "deft:rank=2": deft,
    "deft:rank=3:projection=qr": deft_by_qr,
    "peanut:rank=3:depth=1:strength=2": peanut,
    "adalora:rank=1:start_rank=3": adalora,
}


def moved(choice: str, model: str, tiny: Any, tokenizer: Any) -> Any:
    """The method's model, whose weights are no longer at their start."""
    parsed = parse_choice(choice)
    method = configure(METHODS[parsed.name], parsed.knobs, parsed.name)
    tuned = method.apply(tiny(model).shared(), tiny(model).card, tokenizer, torch.Generator().manual_seed(0))
    noise = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in tuned.movable.values():
            parameter.add_(torch.randn(parameter.shape, generator=noise))
    return tuned.model.eval()


@pytest.mark.parametrize("choice", CHANGES)
@pytest.mark.parametrize("module", ["self_attn.k_proj", "mlp.down_proj"])
def test_a_layer_computes_the_formula(choice: str, module: str, tiny: Any, tokenizer: Any) -> None:
    model = moved(choice, "llama", tiny, tokenizer)
    layer: Any = model.get_submodule(f"base_model.model.model.layers.1.{module}")
    weight = CHANGES[choice](layer, layer.base_layer.weight)
    x = torch.randn(3, layer.in_features, generator=torch.Generator().manual_seed(2))
    assert not torch.allclose(weight, layer.base_layer.weight, atol=0.01)
    torch.testing.assert_close(layer(x), x @ weight.T, rtol=1e-4, atol=1e-4)


def test_glora_scales_a_matrix_and_its_bias_and_adds_to_both(tiny: Any, tokenizer: Any) -> None:
    model = moved("glora:rank=2:inflow=lora", "pocket", tiny, tokenizer)
    layer: Any = model.get_submodule("base_model.model.model.layers.1.mlp.down_proj")
    weight, bias = layer.base_layer.weight, layer.base_layer.bias
    scale, added, inflow = (part[NAME].Xd @ part[NAME].Xu for part in (layer.glora_A, layer.glora_B, layer.glora_C))
    changed = weight + weight * scale + added
    shifted = bias + bias * layer.glora_D[NAME].X + layer.glora_E[NAME].X + (weight @ inflow)[:, 0]
    x = torch.randn(3, layer.in_features, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(layer(x), x @ changed.T + shifted, rtol=1e-4, atol=1e-4)


def test_a_layer_without_a_bias_gets_what_moves_its_matrix_alone(tiny: Any) -> None:
    counts = {}
    for model in ("llama", "pocket"):
        pieces = METHODS["glora"](rank=2, targets="output").anatomy(tiny(model).card).pieces  # type: ignore[call-arg]
        counts[model] = sum(piece.count for piece in pieces if piece.state == "added")
    assert counts["llama"] == 2 * 2 * 2 * (16 + 16)  # blocks, A and B, rank, both sides
    assert counts["pocket"] == counts["llama"] + 2 * (16 + 2)  # C, and a number for D and for E


@pytest.mark.parametrize("model", ["llama", "pocket"])
def test_beft_adds_a_vector_to_the_values_alone(model: str, tiny: Any, tokenizer: Any) -> None:
    tuned = moved("beft", model, tiny, tokenizer)
    layer: Any = tuned.get_submodule("base_model.model.model.layers.1.self_attn.v_proj")
    x = torch.randn(3, 16, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(layer(x), layer.base_layer(x) + layer.beft_bias[NAME][0])
    moving = [name for name, parameter in tuned.named_parameters() if parameter.requires_grad]
    assert len(moving) == 2 and all(".v_proj." in name for name in moving)


@pytest.mark.parametrize("model", ["llama", "pocket"])  # without and with a bias of the attention's output
def test_llama_adapter_adds_gated_attention_to_its_prompt(model: str, tiny: Any, tokenizer: Any) -> None:
    outer: Any = moved("adaption_prompt:length=3", model, tiny, tokenizer)
    wrapped = outer.base_model.model.model.layers[1].self_attn
    seen: dict[str, Any] = {}
    wrapped.register_forward_pre_hook(lambda _, args, kwargs: seen.update(kwargs), with_kwargs=True)
    wrapped.register_forward_hook(lambda _, args, output: seen.update(output=output[0]))
    wrapped.model.register_forward_hook(lambda _, args, output: seen.update(base=output[0]))
    outer(IDS)
    attention, prompt = wrapped.model, wrapped.adaption_prompt[0]
    cosines, sines = (part[:, None] for part in seen["position_embeddings"])
    query = attention.q_proj(seen["hidden_states"]).view(1, 4, 4, 4).transpose(1, 2)  # (batch, heads, time, 4)
    query = query * cosines + torch.cat([-query[..., 2:], query[..., :2]], dim=-1) * sines
    shared = 4 // tiny(model).card.key_value_heads
    key, value = (
        layer(prompt).view(3, -1, 4).transpose(0, 1).repeat_interleave(shared, dim=0)  # (heads, prompt, 4)
        for layer in (attention.k_proj, attention.v_proj)
    )
    weights = (query @ key.transpose(1, 2) / 2).softmax(dim=-1)
    read = (weights @ value).transpose(1, 2).reshape(1, 4, 16)
    added = wrapped.adaption_gate * read @ attention.o_proj.weight.T
    torch.testing.assert_close(seen["output"] - seen["base"], added, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("model", ["pocket", "llama"])
def test_only_the_chosen_tokens_mean_something_else(model: str, tiny: Any, tokenizer: Any) -> None:
    tuned = moved("trainable_tokens:tokens=3:text=w7 w9", model, tiny, tokenizer)
    table = tiny(model).base.get_input_embeddings().weight
    differ = (tuned.get_input_embeddings()(torch.arange(40)) - table).abs().sum(dim=1) > 0
    assert differ.nonzero()[:, 0].tolist() == [2, 7, 9]  # the end of a text comes first
    change = (tuned(IDS[:, :1]).logits - tiny(model).base(IDS[:, :1]).logits)[0, 0].abs() > 1e-6
    assert change.nonzero()[:, 0].tolist() == ([2, 7, 9] if tiny(model).card.tied else [])
