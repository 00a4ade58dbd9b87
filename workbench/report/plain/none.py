"""No tuning in plain PyTorch."""

from typing import Any

from workbench.card import ModelCard
from workbench.report.plain.contract import Plain


class PlainNone(Plain):
    """The base itself."""

    name = "none"

    def code(self, method: Any, card: ModelCard) -> str:
        """Nothing is done to the base; worked examples stand in the prompts of the data already."""
        return "model = base.requires_grad_(False)\n"
