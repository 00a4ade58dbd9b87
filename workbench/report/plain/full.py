"""Full fine-tuning in plain PyTorch."""

from typing import Any

from workbench.card import ModelCard
from workbench.report.plain.contract import Plain


class PlainFull(Plain):
    """Every parameter requires a gradient."""

    name = "full"

    def code(self, method: Any, card: ModelCard) -> str:
        """Every parameter requires a gradient."""
        return "model = base.requires_grad_(True)  # every weight may move\n"
