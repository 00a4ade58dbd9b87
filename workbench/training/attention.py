"""Attention for bfloat16 on a CPU, where torch's own kernel is many times slower backwards than forwards.

Measured with torch 2.13 on one core of an EPYC with AVX512-BF16, batch 16, 6 heads of 32, 65 tokens, forward
and backward: torch's kernel 13 to 24 ms in bfloat16 and 4.0 ms in float32, written out as here 2.3 ms.
"""

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from workbench.card import Kind
from workbench.methods.tuners.shifted import is_shifted
from workbench.training.device import Device

if TYPE_CHECKING:
    from transformers import PreTrainedModel

NAME = "workbench_bfloat16"
LARGEST = 512 * 512  # queries * keys of one head; beyond it the table of weights is not worth its memory


def use_plain_attention(model: "PreTrainedModel") -> None:
    """Let the model attend by `attend`; its masks stay those of torch's kernel."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    model.set_attn_implementation(NAME)


def attend_fast(model: "PreTrainedModel", device: Device, kind: Kind) -> None:
    """Let the model attend by `attend` where that is faster than torch's kernel; it is for decoders.

    What attends to both sides is written out by transformers instead; what attends in groups stays so.
    """
    if device == Device(torch.device("cpu"), "bfloat16") and not is_shifted(model):
        if kind == "decoder":
            use_plain_attention(model)
        else:
            model.set_attn_implementation("eager")


def uses_plain_attention(model: nn.Module) -> bool:
    """Whether the model attends by `attend`, in bfloat16."""
    return getattr(model.config, "_attn_implementation", "") == NAME and torch.is_autocast_enabled("cpu")


def attend(
    module: nn.Module,
    query: torch.Tensor,  # (batch, heads, queries, head width)
    key: torch.Tensor,  # (batch, key/value heads, keys, head width)
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,  # (batch, 1, queries, keys), true where a key is seen
    dropout: float = 0.0,
    scaling: float | None = None,
    **others: Any,
) -> tuple[torch.Tensor, None]:
    """softmax(q k' * scaling) v in bfloat16, as (batch, queries, heads, head width).

    Outside of autocast, and for long inputs, torch's kernel in float32 does it.
    """
    from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward

    B, H, Q, D = query.shape
    K = key.shape[2]
    is_bfloat16 = torch.is_autocast_enabled("cpu")
    with torch.autocast("cpu", enabled=False):
        if not is_bfloat16 or Q * K > LARGEST:
            query, key, value = query.float(), key.float(), value.float()
            return sdpa_attention_forward(module, query, key, value, attention_mask, dropout, scaling, **others)
        q = query.to(torch.bfloat16).reshape(B * H, Q, D)
        k = repeat_kv(key.to(torch.bfloat16), H // key.shape[1]).reshape(B * H, K, D)
        v = repeat_kv(value.to(torch.bfloat16), H // value.shape[1]).reshape(B * H, K, D)
        scale = D**-0.5 if scaling is None else scaling
        scores = torch.baddbmm(_hidden(attention_mask, query, K), q, k.transpose(1, 2), alpha=scale)
        weights = torch.softmax(scores, dim=-1)  # (batch * heads, queries, keys); sums are kept in float32 inside
        weights = nn.functional.dropout(weights, dropout) if dropout else weights
        out = torch.bmm(weights, v).view(B, H, Q, D)
        return out.transpose(1, 2).contiguous(), None


def _hidden(mask: torch.Tensor | None, query: torch.Tensor, keys: int) -> torch.Tensor:
    """What is added to the scores (batch * heads, queries, keys): 0 where a key is seen, else the least number."""
    B, H, Q, _ = query.shape
    least = torch.finfo(torch.bfloat16).min
    if mask is None:  # nothing is hidden from a single query, the last position
        later = torch.full((Q, keys), least if Q > 1 else 0.0, dtype=torch.bfloat16).triu(keys - Q + 1)
        return later.expand(B * H, Q, keys)
    added = torch.zeros(mask.shape, dtype=torch.bfloat16).masked_fill(~mask, least)
    return added.expand(B, H, Q, keys).reshape(B * H, Q, keys)
