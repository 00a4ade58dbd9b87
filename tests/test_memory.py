"""The memory estimate: its exact terms by hand, and its activations against what torch really keeps."""

from typing import Any

import pytest
import torch
import transformers

from workbench.activations import lowest_moving_block
from workbench.knobs import configure
from workbench.memory import estimate
from workbench.methods import METHODS
from workbench.models import FAMILIES
from workbench.models.catalog import find_card
from workbench.models.load import builder_of
from workbench.spec import parse_choice


def method_of(choice: str) -> Any:
    parsed = parse_choice(choice)
    return configure(METHODS[parsed.name], parsed.knobs, parsed.name)


def test_the_terms_that_need_no_estimate_are_exact() -> None:
    card = find_card("gpt2")
    anatomy = METHODS["lora"](rank=4, targets="query+value").anatomy(card)  # type: ignore[call-arg]
    cost = estimate(card, anatomy, batch_size=8, tokens=64, targets=16, bytes_per_weight=2)
    added = 12 * 4 * (768 + 3 * 768)
    assert cost.weights == 2 * 124_439_808 + 4 * added
    assert (cost.gradients, cost.optimizer) == (4 * added, 8 * added)
    assert cost.logits == 3 * 4 * 8 * 16 * 50_257
    assert cost.total == cost.weights + cost.optimizer + cost.activations + cost.logits  # before any gradient is there


def test_gradients_come_while_activations_go() -> None:
    card = find_card("gpt2")
    anatomy = METHODS["full"]().anatomy(card)
    few, many = (estimate(card, anatomy, batch_size=size, tokens=64) for size in (1, 64))
    # At the end of the way back all gradients are there, and that of the head joins that of the embedding.
    assert few.total == pytest.approx(few.weights + few.optimizer + few.gradients + 4 * 50_257 * 768, rel=1e-5)
    assert many.total == many.weights + many.optimizer + many.activations + many.logits
    assert many.total < many.weights + many.gradients + many.optimizer + many.activations + many.logits


def test_full_fine_tuning_needs_sixteen_bytes_a_weight() -> None:
    card = find_card("gpt2")
    cost = estimate(card, METHODS["full"]().anatomy(card), batch_size=1, tokens=1)
    assert cost.weights + cost.gradients + cost.optimizer == 16 * card.parameters


def test_mezo_and_lomo_keep_one_tensor_of_gradients_at_a_time_and_no_moments() -> None:
    card = find_card("gpt2")
    full, lomo, mezo, none = (
        estimate(card, METHODS[name]().anatomy(card), batch_size=8, tokens=64)
        for name in ("full", "lomo", "mezo", "none")
    )
    assert lomo.gradients == mezo.gradients == 4 * 50_257 * 768
    assert lomo.optimizer == mezo.optimizer == 0
    assert (lomo.activations, lomo.logits) == (full.activations, full.logits)
    assert (mezo.activations, mezo.logits) == (none.activations, none.logits)


def test_two_passes_keep_twice_the_activations() -> None:
    card = find_card("gpt2")
    one, two = (
        estimate(card, method_of(f"adamix:consistency={weight}").anatomy(card), batch_size=8, tokens=64)
        for weight in (0, 1)
    )
    assert (two.activations, two.logits) == (2 * one.activations, 2 * one.logits)
    assert (two.weights, two.gradients, two.optimizer) == (one.weights, one.gradients, one.optimizer)


def test_a_search_needs_what_prompt_tuning_does_but_no_moments() -> None:
    card = find_card("gpt2")
    prompt, search = (
        estimate(card, METHODS[name](**knobs).anatomy(card), batch_size=8, tokens=64)
        for name, knobs in (("prompt", {"virtual_tokens": 10}), ("autoprompt", {"tokens": 10}))
    )
    assert search.optimizer == 0 < prompt.optimizer
    assert search.total == prompt.total - prompt.optimizer


def test_a_mixture_keeps_what_each_of_its_prompts_needs() -> None:
    card = find_card("gpt2")
    one, three = (
        estimate(card, METHODS["prompt_mixture"](prompts=number).anatomy(card), batch_size=8, tokens=64)
        for number in (1, 3)
    )
    assert (three.activations, three.logits) == (3 * one.activations, 3 * one.logits)
    assert one.weights < three.weights < 1.001 * one.weights


def test_no_tuning_needs_no_gradients() -> None:
    card = find_card("gpt2")
    cost = estimate(card, METHODS["none"]().anatomy(card), batch_size=4, tokens=64)
    assert (cost.gradients, cost.optimizer) == (0, 0)
    assert cost.activations < estimate(card, METHODS["lora"]().anatomy(card), batch_size=4, tokens=64).activations / 5


@pytest.mark.parametrize(
    ("choice", "block"),
    [
        ("full", 0),
        ("last_layers:blocks=2", 10),
        ("feature_based", 12),
        ("prompt", 0),
        ("prefix", 0),
        ("lora", 0),
        ("none", 12),
    ],
)
def test_gradients_reach_down_to_the_lowest_block_that_needs_them(choice: str, block: int) -> None:
    card = find_card("gpt2")
    assert lowest_moving_block(card, method_of(choice).anatomy(card)) == block


def test_fewer_blocks_less_memory() -> None:
    card = find_card("gpt2")
    sizes = [
        estimate(card, method_of(choice).anatomy(card), batch_size=4, tokens=64).activations
        for choice in ("feature_based", "last_layers:blocks=1", "last_layers:blocks=6", "full")
    ]
    assert sizes == sorted(sizes)


def test_checkpointing_and_half_precision_shrink_the_activations() -> None:
    card = find_card("gpt2")
    anatomy = METHODS["full"]().anatomy(card)
    whole = estimate(card, anatomy, batch_size=4, tokens=64).activations
    assert estimate(card, anatomy, batch_size=4, tokens=64, checkpointing=True).activations < whole / 3
    assert estimate(card, anatomy, batch_size=4, tokens=64, bytes_per_activation=2).activations == whole / 2


def test_a_block_that_is_gone_through_twelve_times_keeps_twelve_times_as_much() -> None:
    config = {"model_type": "albert", "hidden_size": 64, "intermediate_size": 256, "num_attention_heads": 4}
    cards = [
        FAMILIES["albert"]().card({**config, "num_hidden_layers": layers, "vocab_size": 64}, "tiny")
        for layers in (12, 1)
    ]
    assert [card.depth for card in cards] == [1, 1]
    deep, shallow = (
        estimate(card, METHODS["full"]().anatomy(card), batch_size=4, tokens=64).activations for card in cards
    )
    final = 4 * 4 * 64 * 2 * 64  # into and out of the final norm, once
    assert deep - final == 12 * (shallow - final)


def test_virtual_tokens_cost_positions() -> None:
    card = find_card("pythia-160m")
    few, many = (
        estimate(card, METHODS["prompt"](virtual_tokens=tokens).anatomy(card), batch_size=4, tokens=64)  # type: ignore[call-arg]
        for tokens in (1, 129)
    )
    assert many.activations / few.activations == pytest.approx((64 + 129) / (64 + 1))


SHAPE = {"num_attention_heads": 4, "num_hidden_layers": 4, "vocab_size": 64, "max_position_embeddings": 128}
MODELS = {
    "llama": {**SHAPE, "hidden_size": 64, "intermediate_size": 160},
    "qwen3": {**SHAPE, "hidden_size": 64, "intermediate_size": 160, "num_key_value_heads": 2, "head_dim": 16},
    "gpt_neox": {**SHAPE, "hidden_size": 64, "intermediate_size": 256},
    "opt": {**SHAPE, "hidden_size": 64, "ffn_dim": 256, "word_embed_proj_dim": 64},
    "gpt2": {
        "n_embd": 64,
        "n_head": 4,
        "n_layer": 4,
        "vocab_size": 64,
        "n_positions": 128,  # and dropout, as GPT-2 has it
        "bos_token_id": 1,
        "eos_token_id": 2,
    },
    "bert": {**SHAPE, "hidden_size": 64, "intermediate_size": 256},
    "t5": {
        "d_model": 64,
        "d_ff": 160,
        "d_kv": 16,
        "num_heads": 4,
        "num_layers": 2,
        "num_decoder_layers": 2,
        "vocab_size": 64,
        "feed_forward_proj": "gated-gelu",  # and dropout
        "decoder_start_token_id": 0,
    },
    "bart": {
        "d_model": 64,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_attention_heads": 4,
        "decoder_attention_heads": 4,
        "encoder_ffn_dim": 256,
        "decoder_ffn_dim": 256,
        "vocab_size": 64,
        "max_position_embeddings": 128,
    },
}


@pytest.mark.parametrize(
    "choice",
    [
        "full",
        "last_layers:blocks=1",
        "lora",
        "lora:targets=query",
        "adapter",
        "mam",
        "bitfit",
        "ia3",
        "prefix:reparameterize=false",
    ],
)
@pytest.mark.parametrize("kind", MODELS)
def test_the_estimate_of_activations_is_near_what_torch_keeps(kind: str, choice: str) -> None:
    if kind in ("llama", "qwen3", "t5") and choice == "bitfit":
        pytest.skip("no biases")
    torch.manual_seed(0)
    family = next(family for family in FAMILIES.values() if kind in family.model_types)
    card = family().card({**MODELS[kind], "model_type": kind}, kind)
    model = builder_of(card).from_config(transformers.CONFIG_MAPPING[kind](**MODELS[kind])).train()
    method = method_of(choice)
    tuned = method.apply(model, card, None, torch.Generator())
    ids = torch.randint(3, 64, (2, 48))
    reads = {"decoder": {"logits_to_keep": 1, "use_cache": False}, "encoder_decoder": {"decoder_input_ids": ids}}
    kept = bytes_kept(tuned.model, ids, **reads.get(card.kind, {}))
    guess = estimate(card, method.anatomy(card), batch_size=2, tokens=48).activations
    assert 0.85 < guess / kept < 1.3, guess / kept


def bytes_kept(model: Any, ids: torch.Tensor, **reads: Any) -> int:
    """Bytes that autograd keeps for the backward pass through the blocks, each storage once, parameters left out."""
    parameters = {p.untyped_storage().data_ptr() for p in model.parameters()}
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in parameters:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        out = model(input_ids=ids, attention_mask=torch.ones_like(ids), **reads)
    assert out.logits.requires_grad
    return sum(kept.values())
