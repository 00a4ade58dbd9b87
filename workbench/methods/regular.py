"""What keeps tuning from straying: pulls towards the start, and answers that have to stay steady."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.card import ModelCard

if TYPE_CHECKING:
    import torch

# Where the configs of these families name their dropout, and what it is where they do not.
DROPOUT = {
    "gpt2": (("resid_pdrop", "embd_pdrop", "attn_pdrop"), 0.1),
    "opt": (("dropout", "attention_dropout"), 0.1),
    "gpt_neox": (("hidden_dropout", "attention_dropout"), 0.0),
    "bert": (("hidden_dropout_prob", "attention_probs_dropout_prob"), 0.1),
    "roberta": (("hidden_dropout_prob", "attention_probs_dropout_prob"), 0.1),
    "t5": (("dropout_rate",), 0.1),
}
OTHERS = (("attention_dropout",), 0.0)  # Llama and its relatives


@dataclass(frozen=True)
class Regular:
    """How strongly each of them is at work, 0 for not at all; `start` are the base's own weights by name."""

    l2_sp: float = 0.0
    mixout: float = 0.0
    smart: float = 0.0
    r_drop: float = 0.0
    consistency: float = 0.0
    start: "dict[str, torch.Tensor]" = field(default_factory=dict)


def drops_out(card: ModelCard) -> bool:
    """Whether the model leaves out units at random while it trains."""
    keys, default = DROPOUT.get(str(card.config.get("model_type")), OTHERS)
    return any(float(card.config.get(key, default) or 0) > 0 for key in keys)
