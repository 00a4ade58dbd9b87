"""The maths of the methods, held against formulas written by hand."""

from typing import Any

import pytest
import torch
from torch import nn
from transformers import DynamicCache

from workbench.methods.adamix import AdaMix
from workbench.methods.adapter import Adapter
from workbench.methods.compacter import Compacter
from workbench.methods.feature_based import FeatureBased
from workbench.methods.ia3 import IA3
from workbench.methods.lora import LoRA
from workbench.methods.mam import MixAndMatch
from workbench.methods.prefix import PrefixTuning
from workbench.methods.prompt import PromptTuning

SEED = 7


def apply(method: Any, tiny: Any, tokenizer: Any, noise: float = 0.3) -> Any:
    """The method on a tiny model, with noise on what may move so that nothing is zero any more."""
    tuned = method.apply(tiny.shared(), tiny.card, tokenizer, torch.Generator().manual_seed(SEED))
    torch.manual_seed(SEED)
    with torch.no_grad():
        for parameter in tuned.movable.values():
            parameter.add_(noise * torch.randn_like(parameter))
    tuned.model.eval()
    return tuned


def modules(model: Any, ending: str) -> list[Any]:
    return [module for name, module in model.named_modules() if name.endswith(ending)]


@pytest.mark.parametrize(("rank_stabilised", "scale"), [(False, 5.0 / 4), (True, 5.0 / 2)])
def test_lora_is_the_base_with_b_a_added_to_its_matrices(
    rank_stabilised: bool, scale: float, tiny: Any, ids: torch.Tensor, tokenizer: Any
) -> None:
    base = tiny("llama")
    method = LoRA(rank=4, alpha=5.0, targets="query+down", rank_stabilised=rank_stabilised)
    tuned = apply(method, base, tokenizer)
    by_hand = base.shared()
    for name, module in tuned.model.get_base_model().named_modules():
        if hasattr(module, "lora_A"):
            change = module.lora_B["default"].weight @ module.lora_A["default"].weight  # (outputs, inputs)
            weight = by_hand.get_submodule(name).weight
            by_hand.get_submodule(name).weight = nn.Parameter(weight + scale * change)
    assert torch.allclose(tuned.model(ids).logits, by_hand(ids).logits, atol=1e-5)


def test_lora_on_a_fused_matrix_stored_the_other_way_round(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("gpt2")
    tuned = apply(LoRA(rank=2, alpha=6.0, targets="query+value"), base, tokenizer)
    by_hand = base.shared()
    for block, there in zip(by_hand.transformer.h, tuned.model.get_base_model().transformer.h, strict=True):
        layer = there.attn.c_attn
        change = layer.lora_B["default"].weight @ layer.lora_A["default"].weight  # (3 * width, width)
        block.attn.c_attn.weight = nn.Parameter(block.attn.c_attn.weight + 3.0 * change.T)
    assert torch.allclose(tuned.model(ids).logits, by_hand(ids).logits, atol=1e-5)


def test_pissa_starts_with_the_strongest_directions(tiny: Any, tokenizer: Any) -> None:
    base = tiny("llama")
    tuned = apply(LoRA(rank=3, alpha=3.0, targets="query", pissa=True), base, tokenizer, noise=0.0)
    layer = tuned.model.get_base_model().model.layers[0].self_attn.q_proj
    weight = base.base.model.layers[0].self_attn.q_proj.weight
    left, strengths, right = torch.linalg.svd(weight)
    strongest = left[:, :3] @ torch.diag(strengths[:3]) @ right[:3]
    learned = layer.lora_B["default"].weight @ layer.lora_A["default"].weight
    assert torch.allclose(learned, strongest, atol=1e-5)
    assert torch.allclose(layer.base_layer.weight + learned, weight, atol=1e-5)


@pytest.mark.parametrize("nonlinearity", ["relu", "gelu", "silu", "tanh"])
def test_adapter_adds_its_network_to_the_output_of_both_sublayers(
    nonlinearity: str, tiny: Any, ids: torch.Tensor, tokenizer: Any
) -> None:
    bend = {"relu": torch.relu, "gelu": nn.functional.gelu, "silu": nn.functional.silu, "tanh": torch.tanh}[
        nonlinearity
    ]
    base = tiny("gpt2")
    tuned = apply(Adapter(width=3, nonlinearity=nonlinearity), base, tokenizer)
    by_hand = base.shared()
    weights = dict(tuned.model.get_base_model().named_parameters())
    for name, module in by_hand.named_modules():
        if name.endswith("c_proj"):
            module.register_forward_hook(network(weights, f"{name}.bottleneck_", bend))
    assert torch.allclose(tuned.model(ids).logits, by_hand(ids).logits, atol=1e-5)


def network(weights: dict[str, torch.Tensor], at: str, bend: Any) -> Any:
    def hook(module: Any, arguments: Any, output: torch.Tensor) -> torch.Tensor:
        inner = bend(output @ weights[f"{at}down.default.weight"].T + weights[f"{at}down.default.bias"])
        return output + inner @ weights[f"{at}up.default.weight"].T + weights[f"{at}up.default.bias"]

    return hook


def test_a_compacter_adds_a_network_of_kronecker_products(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("gpt2")
    tuned = apply(Compacter(width=6, division=2, rank=3), base, tokenizer)
    by_hand = base.shared()
    weights = dict(tuned.model.get_base_model().named_parameters(remove_duplicate=False))

    def matrix(at: str) -> torch.Tensor:
        rules, left, right = (weights[f"{at}.default.{part}"] for part in ("rules", "left", "right"))
        return sum(torch.kron(rules[i], left[i] @ right[i]) for i in range(2))

    for name, module in by_hand.named_modules():
        if name.endswith("c_proj"):
            down, up = f"{name}.bottleneck_down", f"{name}.bottleneck_up"
            plain = {f"{at}.default.weight": matrix(at).T for at in (down, up)}
            biases = {f"{at}.default.bias": weights[f"{at}.default.bias"] for at in (down, up)}
            module.register_forward_hook(network({**plain, **biases}, f"{name}.bottleneck_", torch.relu))
    assert torch.allclose(tuned.model(ids).logits, by_hand(ids).logits, atol=1e-5)
    assert len({id(weight) for name, weight in weights.items() if name.endswith(".rules")}) == 1


def test_a_parallel_adapter_reads_what_the_feed_forward_reads(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("llama")
    tuned = apply(Adapter(width=3, placement="parallel"), base, tokenizer)
    by_hand = base.shared()
    for block, there in zip(by_hand.model.layers, tuned.model.get_base_model().model.layers, strict=True):
        layer = there.mlp.down_proj

        def beside(module: Any, arguments: Any, output: torch.Tensor, layer: Any = layer) -> torch.Tensor:
            inner = torch.relu(layer.bottleneck_down["default"](arguments[0]))
            return output + layer.bottleneck_up["default"](inner)

        block.mlp.register_forward_hook(beside)
    assert torch.allclose(tuned.model(ids).logits, by_hand(ids).logits, atol=1e-5)


def test_a_scaled_adapter_adds_so_many_times_its_network(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("gpt2")
    whole, scaled = (apply(Adapter(width=3, scale=scale), base, tokenizer) for scale in (1.0, 0.25))
    with torch.no_grad():
        for name, parameter in scaled.movable.items():
            if "bottleneck_up" in name:
                parameter.mul_(4.0)
    assert torch.allclose(scaled.model(ids).logits, whole.model(ids).logits, atol=1e-5)


PARTS = ("down.weight", "down.bias", "up.weight", "up.bias")


def test_adamix_at_rest_is_the_adapter_of_averaged_weights(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("gpt2")
    tuned = apply(AdaMix(adapters=3, width=5), base, tokenizer)
    by_hand, weights = base.shared(), mixture(tuned)
    for at, parts in weights.items():
        averages = [torch.stack(parts[part]).mean(0) for part in PARTS]
        by_hand.get_submodule(at).register_forward_hook(one_network(*averages))
    assert [len(parts["down.weight"]) for parts in weights.values()] == [3, 3]
    assert torch.allclose(tuned.model(ids).logits, by_hand(ids).logits, atol=1e-5)


@pytest.mark.parametrize("share_up", [True, False])
def test_adamix_in_training_goes_through_what_chance_draws(
    share_up: bool, tiny: Any, ids: torch.Tensor, tokenizer: Any
) -> None:
    base = tiny("gpt2")
    tuned = apply(AdaMix(adapters=4, width=5, share_up=share_up), base, tokenizer)
    by_hand = base.shared()
    torch.manual_seed(SEED)
    for at, parts in mixture(tuned).items():  # in the order of the forward pass
        first = int(torch.randint(4, ()))
        second = 0 if share_up else int(torch.randint(4, ()))
        chosen = [parts[part][first if part.startswith("down") else second] for part in PARTS]
        by_hand.get_submodule(at).register_forward_hook(one_network(*chosen))
    torch.manual_seed(SEED)
    for module in tuned.model.modules():  # the base's dropout would draw too
        module.training = module.__class__.__name__ == "Mixture"
    assert torch.allclose(tuned.model(ids).logits, by_hand(ids).logits, atol=1e-5)


def mixture(tuned: Any) -> dict[str, dict[str, list[torch.Tensor]]]:
    """For each place the weights of all its adapters by their part."""
    found: dict[str, dict[str, list[torch.Tensor]]] = {}
    for name, weight in tuned.movable.items():
        at, _, rest = name.removeprefix("base_model.model.").partition(".bottleneck_")
        part = f"{rest.split('.')[0]}.{rest.split('.')[-1]}"
        found.setdefault(at, {}).setdefault(part, []).append(weight)
    return found


def one_network(down: torch.Tensor, bias: torch.Tensor, up: torch.Tensor, up_bias: torch.Tensor) -> Any:
    def hook(module: Any, arguments: Any, output: torch.Tensor) -> torch.Tensor:
        return output + torch.relu(output @ down.T + bias) @ up.T + up_bias

    return hook


def test_mam_is_a_prefix_before_a_model_with_scaled_adapters(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("llama")
    tuned = apply(MixAndMatch(virtual_tokens=5, width=3, scale=2.5), base, tokenizer)
    card, rows, weights = base.card, len(ids), dict(tuned.model.named_parameters())
    table = tuned.model.get_prompt_embedding_to_save("default")  # (tokens, layers * 2 * heads * head width)
    split = table.view(5, card.depth * 2, card.key_value_heads, card.head_width).permute(1, 2, 0, 3)
    pairs = [
        (split[2 * n].expand(rows, -1, -1, -1), split[2 * n + 1].expand(rows, -1, -1, -1)) for n in range(card.depth)
    ]
    by_hand = base.shared()
    for number, block in enumerate(by_hand.model.layers):
        at = f"base_model.model.layers.{number}.mlp.down_proj.bottleneck_"

        def beside(module: Any, arguments: Any, output: torch.Tensor, at: str = at) -> torch.Tensor:
            inner = torch.relu(arguments[0] @ weights[f"{at}down.default.weight"].T + weights[f"{at}down.default.bias"])
            return output + 2.5 * (inner @ weights[f"{at}up.default.weight"].T + weights[f"{at}up.default.bias"])

        block.mlp.register_forward_hook(beside)
    expected = by_hand(input_ids=ids, past_key_values=DynamicCache(pairs)).logits
    assert torch.allclose(tuned.model(input_ids=ids).logits, expected, atol=1e-5)


def test_an_adapter_with_layer_norm_uses_the_norms_it_trains(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("opt")
    tuned = apply(Adapter(width=2, placement="pfeiffer", layer_norm=True), base, tokenizer, noise=0.0)
    by_hand = base.shared()
    with torch.no_grad():
        for block, there in zip(
            by_hand.model.decoder.layers, modules(tuned.model, "final_layer_norm.bottleneck_norm.default"), strict=True
        ):
            there.weight.mul_(2.0)
            there.bias.add_(1.0)
            own = block.final_layer_norm
            own.weight, own.bias = nn.Parameter(2.0 * own.weight), nn.Parameter(1.0 + own.bias)
    assert torch.allclose(tuned.model(ids).logits, by_hand(ids).logits, atol=1e-5)
    with tuned.without():
        assert torch.equal(tuned.model(ids).logits, base.logits(ids))


def test_ia3_scales_keys_values_and_inner_activations(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("pocket")
    tuned = apply(IA3(), base, tokenizer)
    by_hand = base.shared()
    weights = dict(tuned.model.get_base_model().named_parameters())
    for name, module in by_hand.named_modules():
        scale = weights.get(f"{name}.ia3_l.default")
        if scale is None:
            continue
        scale = scale.detach().flatten()
        if name.endswith("down_proj"):
            module.weight = nn.Parameter(module.weight * scale)  # W (l * x)
        else:
            module.weight = nn.Parameter(module.weight * scale[:, None])  # l * (W x + b)
            module.bias = nn.Parameter(module.bias * scale)
    assert sum(name.endswith("ia3_l.default") for name in weights) == 6
    assert torch.allclose(tuned.model(ids).logits, by_hand(ids).logits, atol=1e-5)


@pytest.mark.parametrize("model", ["llama", "gpt2", "qwen3"])
def test_prefix_without_the_network_is_a_cache_filled_by_hand(
    model: str, tiny: Any, ids: torch.Tensor, tokenizer: Any
) -> None:
    base = tiny(model)
    tuned = apply(PrefixTuning(virtual_tokens=5, reparameterize=False), base, tokenizer)
    card, rows = base.card, len(ids)
    (table,) = tuned.movable.values()  # (tokens, layers * 2 * heads * head width)
    split = table.view(5, card.depth * 2, card.key_value_heads, card.head_width).permute(1, 2, 0, 3)
    pairs = [
        (split[2 * n].expand(rows, -1, -1, -1), split[2 * n + 1].expand(rows, -1, -1, -1)) for n in range(card.depth)
    ]
    by_hand = base.shared()(input_ids=ids, past_key_values=DynamicCache(pairs)).logits
    assert torch.allclose(tuned.model(input_ids=ids).logits, by_hand, atol=1e-5)


def test_prompt_vectors_stand_before_the_embedded_text(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("gpt2")
    tuned = apply(PromptTuning(virtual_tokens=4), base, tokenizer)
    (prompt,) = tuned.movable.values()  # (tokens, width)
    model = base.shared()
    embedded = torch.cat([prompt.expand(len(ids), -1, -1), model.get_input_embeddings()(ids)], dim=1)
    assert torch.allclose(tuned.model(input_ids=ids).logits, model(inputs_embeds=embedded).logits, atol=1e-5)


def test_a_prompt_can_start_from_a_text_repeated_to_its_length(tiny: Any, tokenizer: Any) -> None:
    base = tiny("llama")
    method = PromptTuning(virtual_tokens=3, start="text", text="w5 w9")
    tuned = method.apply(base.shared(), base.card, tokenizer, torch.Generator())
    (prompt,) = tuned.movable.values()
    assert torch.equal(prompt, base.base.get_input_embeddings().weight[[5, 9, 5]])


def test_a_prompt_from_the_vocabulary_starts_at_words_that_are_not_special(tiny: Any, tokenizer: Any) -> None:
    base = tiny("llama")
    tuned = PromptTuning(virtual_tokens=20).apply(base.shared(), base.card, tokenizer, torch.Generator())
    (prompt,) = tuned.movable.values()
    table = base.base.get_input_embeddings().weight
    rows = [int((table == vector).all(1).nonzero()) for vector in prompt]
    assert min(rows) >= 4


def test_feature_based_leaves_the_tied_embedding_alone(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("gpt2")
    tuned = apply(FeatureBased(), base, tokenizer)
    hidden = base.base.transformer(ids).last_hidden_state
    (head,) = tuned.movable.values()
    assert torch.allclose(tuned.model(ids).logits, hidden @ head.T, atol=1e-5)
    assert torch.equal(tuned.model.get_input_embeddings().weight, base.base.get_input_embeddings().weight)
