"""LongLoRA: LoRA with PEFT, and attention that is cut into groups while it trains."""

from typing import Any

from workbench.card import ModelCard
from workbench.report.plain.beside import PlainBeside
from workbench.report.plain.contract import Plain, endings, literal

ATTENTION = """\
from transformers import AttentionInterface, AttentionMaskInterface

GROUP = {group}  # tokens of a group


def attend(module, query, key, value, mask, dropout=0.0, scaling=None, **others):
    \"\"\"In training half of the heads see their group, the others a group shifted by half; at rest all is seen.\"\"\"
    if not module.training or query.shape[2] != key.shape[2]:
        return AttentionInterface()["sdpa"](module, query, key, value, mask, dropout, scaling, **others)
    (heads, time), out = query.shape[1:3], []  # (batch, heads, time, head width)
    parts = [part.repeat_interleave(heads // part.shape[1], dim=1) for part in (query, key, value)]
    seen = torch.ones(time, time, dtype=torch.bool, device=query.device).tril()[None, None] if mask is None else mask
    for half, shift in ((slice(heads // 2), 0), (slice(heads // 2, None), GROUP // 2)):
        behind = -(shift + time) % GROUP  # the first group is shorter by the shift, the last by this
        cut = [F.pad(part[:, half], (0, 0, shift, behind)).unflatten(2, (-1, GROUP)) for part in parts]
        own = F.pad(seen, (shift, behind) * 2).unflatten(3, (-1, GROUP)).unflatten(2, (-1, GROUP))
        own = own.diagonal(0, 2, 4).permute(0, 1, 4, 2, 3) | torch.eye(GROUP, dtype=torch.bool, device=own.device)
        heard = F.scaled_dot_product_attention(*cut, attn_mask=own, dropout_p=dropout, scale=scaling).flatten(2, 3)
        out.append(heard[:, :, shift : shift + time])
    return torch.cat(out, dim=1).transpose(1, 2).contiguous(), None


AttentionInterface.register("groups", attend)
AttentionMaskInterface.register("groups", AttentionMaskInterface()["sdpa"])
base.set_attn_implementation("groups")
"""
MOVING = """\
for parameter in [weight for name, weight in model.named_parameters() if name.endswith({names})]:
    parameter.requires_grad_(True)  # embeddings and norms
"""


class PlainLongLoRA(Plain):
    """PEFT's LoraConfig, with embeddings and norms that move too."""

    name = "longlora"

    def code(self, method: Any, card: ModelCard) -> str:
        """Define the attention, wrap the base, and let embeddings and norms move."""
        moving = literal(tuple(endings(piece.name for piece in card.pieces if piece.name in method.names(card))))
        lora = PlainBeside().code(method.lora, card)
        return f"{ATTENTION.replace('{group}', str(method.group))}\n{lora}{MOVING.replace('{names}', moving)}"
