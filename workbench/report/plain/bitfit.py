"""BitFit in plain PyTorch."""

from typing import Any

from workbench.card import ModelCard
from workbench.report.plain.contract import Plain


class PlainBitFit(Plain):
    """Only biases require a gradient."""

    name = "bitfit"

    def code(self, method: Any, card: ModelCard) -> str:
        """Let the parameters whose names end in bias move."""
        return """\
model = base
for name, parameter in model.named_parameters():
    parameter.requires_grad_(name.endswith("bias"))
"""
