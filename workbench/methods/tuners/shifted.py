"""Shifted sparse attention: in training heads attend within groups of tokens, half of them across their borders.

Chen et al. 2023, arXiv:2309.12307, section 3.2. At rest every head attends to all tokens before, by torch's kernel.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn.functional import pad, scaled_dot_product_attention

if TYPE_CHECKING:
    from transformers import PreTrainedModel

NAME = "workbench_shifted"


def attend_in_groups_of(model: "PreTrainedModel", tokens: int) -> None:
    """Let the model attend in groups of so many tokens while it trains; its masks stay those of torch's kernel."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    name = f"{NAME}_{tokens}"
    AttentionInterface.register(name, partial(attend, tokens))
    AttentionMaskInterface.register(name, sdpa_mask)
    model.set_attn_implementation(name)


def is_shifted(model: "PreTrainedModel") -> bool:
    """Whether the model attends in groups while it trains."""
    return str(getattr(model.config, "_attn_implementation", "")).startswith(NAME)


def attend(
    group: int,
    module: torch.nn.Module,
    query: Tensor,  # (batch, heads, queries, head width)
    key: Tensor,  # (batch, key/value heads, keys, head width)
    value: Tensor,
    attention_mask: Tensor | None,  # (batch, 1, queries, keys), true where a key is seen
    dropout: float = 0.0,
    scaling: float | None = None,
    **others: Any,
) -> tuple[Tensor, None]:
    """Attention as (batch, queries, heads, head width); half of the heads have their groups shifted by half a group."""
    from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward

    kind = query.device.type
    with torch.autocast(kind, enabled=kind != "cpu" and torch.is_autocast_enabled(kind)):
        if kind == "cpu":  # where torch's kernel is slow in bfloat16
            query, key, value = query.float(), key.float(), value.float()
        if not module.training or query.shape[2] != key.shape[2]:
            full: tuple[Tensor, None] = sdpa_attention_forward(
                module, query, key, value, attention_mask, dropout, scaling, **others
            )
            return full
        heads = query.shape[1]
        parts = (query, repeat_kv(key, heads // key.shape[1]), repeat_kv(value, heads // value.shape[1]))
        still, moved = ([part[:, half] for part in parts] for half in (slice(heads // 2), slice(heads // 2, None)))
        settings = {"dropout_p": dropout, "scale": scaling}
        out = torch.cat(
            [
                _grouped(still, attention_mask, group, 0, settings),
                _grouped(moved, attention_mask, group, group // 2, settings),
            ],
            dim=1,
        )
        return out.transpose(1, 2).contiguous(), None


def _grouped(parts: list[Tensor], mask: Tensor | None, group: int, shift: int, settings: dict[str, Any]) -> Tensor:
    """Attention (batch, heads, time, head width) within groups, the first of which is shorter by the shift."""
    time = parts[0].shape[2]
    behind = -(shift + time) % group
    groups = (shift + time + behind) // group
    query, key, value = (
        pad(part, (0, 0, shift, behind)).reshape(*part.shape[:2], groups, group, part.shape[3]) for part in parts
    )
    seen = pad(_seen(mask, time, query.device), (shift, behind, shift, behind))
    seen = seen.reshape(*seen.shape[:2], groups, group, groups, group)
    own = seen.diagonal(dim1=2, dim2=4).permute(0, 1, 4, 2, 3)  # (batch, 1, groups, queries, keys)
    own = own | torch.eye(group, dtype=torch.bool, device=own.device)  # padding that sees nothing would be no number
    out = scaled_dot_product_attention(query, key, value, attn_mask=own, **settings)
    return out.flatten(2, 3)[:, :, shift : shift + time]


def _seen(mask: Tensor | None, time: int, place: torch.device) -> Tensor:
    """Which key each query sees, (batch, 1, queries, keys); without a mask those up to itself."""
    if mask is not None:
        return mask[..., :time]
    return torch.ones(time, time, dtype=torch.bool, device=place).tril()[None, None]
