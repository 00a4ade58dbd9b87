"""The top blocks alone, in plain PyTorch."""

from typing import Any

from workbench.card import ModelCard
from workbench.report.plain.contract import Plain, blocks_of


class PlainLastLayers(Plain):
    """The parameters of the top blocks require a gradient."""

    name = "last_layers"

    def code(self, method: Any, card: ModelCard) -> str:
        """Let the top blocks move."""
        return f"""\
model = base.requires_grad_(False)
for block in model.{blocks_of(card)}[-{method.blocks}:]:  # the blocks nearest to the output
    block.requires_grad_(True)
"""
