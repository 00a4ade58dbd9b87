"""LN tuning in plain PyTorch."""

from typing import Any

from workbench.card import ModelCard
from workbench.report.plain.contract import Plain, endings, literal


class PlainLNTuning(Plain):
    """Only the norms require a gradient."""

    name = "ln_tuning"

    def code(self, method: Any, card: ModelCard) -> str:
        """Let the parameters of the norms move."""
        names = method.names(card)
        short = tuple(endings(names))
        caught = {piece.name for piece in card.pieces if piece.name.endswith(short)}
        norms = short if caught == set(names) else tuple(names)  # OPT has two kinds of norm of one name
        return f"""\
model = base
norms = {literal(norms)}
for name, parameter in model.named_parameters():
    parameter.requires_grad_(name.endswith(norms))
"""
