"""Shifted sparse attention, held against whole attention under a mask; and what LongLoRA makes of a model."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers.integrations.sdpa_attention import repeat_kv

from workbench.errors import SpecError
from workbench.methods.artifact import save_artifact
from workbench.methods.longlora import LongLoRA
from workbench.methods.tuners.shifted import attend
from workbench.training.attention import attend_fast
from workbench.training.device import Device


def by_hand(query: Any, key: Any, value: Any, mask: Any, group: int) -> torch.Tensor:
    """Whole attention, in which a mask hides what is not in a token's group, of number (place + shift) // group."""
    heads, time = query.shape[1:3]
    token = torch.arange(time)
    seen = []
    for head in range(heads):
        number = (token + (0 if head < heads // 2 else group // 2)) // group
        seen.append((number[:, None] == number) & (token[:, None] >= token))
    shown = torch.stack(seen) if mask is None else torch.stack(seen) & mask
    key, value = (repeat_kv(part, heads // part.shape[1]) for part in (key, value))
    return scaled_dot_product_attention(query, key, value, attn_mask=shown).transpose(1, 2)


@pytest.mark.parametrize("group", [2, 3, 4, 8, 50])
@pytest.mark.parametrize(("heads", "shared", "time"), [(4, 4, 12), (4, 2, 13), (3, 1, 7), (2, 2, 1)])
def test_groups_are_whole_attention_under_a_mask(group: int, heads: int, shared: int, time: int) -> None:
    noise = torch.Generator().manual_seed(group)
    query = torch.randn(2, heads, time, 8, generator=noise)
    key, value = torch.randn(2, 2, shared, time, 8, generator=noise)
    out, _ = attend(group, torch.nn.Module().train(), query, key, value, None)
    torch.testing.assert_close(out, by_hand(query, key, value, None, group), rtol=1e-4, atol=1e-5)


def test_what_a_mask_hides_stays_hidden_within_groups() -> None:
    noise = torch.Generator().manual_seed(0)
    query, key, value = torch.randn(3, 2, 4, 10, 8, generator=noise)
    mask = torch.ones(10, 10, dtype=torch.bool).tril() & (torch.arange(10)[:, None] - torch.arange(10) < 3)
    mask = mask[None, None].repeat(2, 1, 1, 1)
    mask[1, :, 8:, 7] = False
    out, _ = attend(4, torch.nn.Module().train(), query, key, value, mask)
    torch.testing.assert_close(out, by_hand(query, key, value, mask, 4), rtol=1e-4, atol=1e-5)


def test_a_query_that_sees_nothing_is_still_a_number() -> None:
    query, key, value = torch.randn(3, 1, 2, 5, 4, generator=torch.Generator().manual_seed(0))
    mask = torch.ones(1, 1, 5, 5, dtype=torch.bool).tril()
    mask[..., :2] = False  # padding on the left
    out, _ = attend(4, torch.nn.Module().train(), query, key, value, mask)
    assert torch.isfinite(out).all()


@pytest.mark.parametrize("model", ["llama", "pocket", "gpt2", "gpt_neox", "opt", "qwen3", "gemma3"])
def test_the_models_attention_is_cut_in_training_and_whole_at_rest(
    model: str, tiny: Any, ids: torch.Tensor, tokenizer: Any
) -> None:
    base = tiny(model)
    cut, whole = (
        LongLoRA(rank=2, group=group).apply(base.shared(), base.card, tokenizer, torch.Generator()).model
        for group in (4, 2 * ids.shape[1])
    )
    assert torch.equal(cut.eval()(ids).logits, base.logits(ids))
    in_groups, at_once = cut.train()(ids).logits, whole.train()(ids).logits
    assert torch.allclose(at_once, base.logits(ids), atol=1e-4)  # both kinds of groups hold the whole text
    assert torch.allclose(in_groups[:, :2], at_once[:, :2], atol=1e-4)  # the shorter first groups hold two tokens
    assert not torch.allclose(in_groups[:, 2:], at_once[:, 2:], atol=1e-3)


def test_embeddings_and_norms_move_and_the_matrices_of_the_base_do_not(tiny: Any, tokenizer: Any) -> None:
    base = tiny("llama")
    tuned = LongLoRA(rank=2).apply(base.shared(), base.card, tokenizer, torch.Generator())
    moving = {name.removeprefix("base_model.model.") for name in tuned.movable if "lora_" not in name}
    norms = {f"model.layers.{n}.{kind}_layernorm.weight" for n in (0, 1) for kind in ("input", "post_attention")}
    assert moving == {"model.embed_tokens.weight", "model.norm.weight"} | norms


def test_what_moved_of_the_base_stands_beside_the_peft_folder(tiny: Any, tokenizer: Any, tmp_path: Path) -> None:
    base, method = tiny("gpt2"), LongLoRA(rank=2)
    save_artifact(method.apply(base.shared(), base.card, tokenizer, torch.Generator()), method, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "adapter_config.json",
        "adapter_model.safetensors",
        "artifact.json",
        "model.safetensors",
    }


def test_bfloat16_on_a_cpu_leaves_the_groups_as_they_are(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("llama")
    tuned = LongLoRA(rank=2, group=4).apply(base.shared(), base.card, tokenizer, torch.Generator())
    before = tuned.model.train()(ids).logits
    attend_fast(tuned.model.get_base_model(), Device(torch.device("cpu"), "bfloat16"), "decoder")
    with torch.autocast("cpu", torch.bfloat16):
        after = tuned.model(ids).logits.float()
    torch.testing.assert_close(after, before, rtol=0.1, atol=0.2)
    assert not torch.allclose(after[:, 2:], base.logits(ids)[:, 2:], atol=0.3)


@pytest.mark.parametrize("model", ["bert", "t5"])
def test_it_is_for_decoders(model: str, tiny: Any) -> None:
    with pytest.raises(SpecError, match="a decoder with two or more heads"):
        LongLoRA().anatomy(tiny(model).card)
