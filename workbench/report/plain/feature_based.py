"""Feature-based transfer in plain PyTorch."""

from typing import Any

from workbench.card import ModelCard
from workbench.report.plain.contract import Plain


class PlainFeatureBased(Plain):
    """An output matrix of its own on the frozen model."""

    name = "feature_based"

    def code(self, method: Any, card: ModelCard) -> str:
        """Replace the head's weight by a copy that moves; a tied embedding keeps the base's."""
        return """\
model = base.requires_grad_(False)
head = model.get_output_embeddings()
head.weight = torch.nn.Parameter(head.weight.detach().clone())  # a copy: the input embedding may share the old one
"""
