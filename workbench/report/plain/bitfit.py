"""BitFit in plain PyTorch."""

from typing import Any

from workbench.card import ModelCard
from workbench.report.plain.contract import Plain, listed

ADD = """\
model = base
for name in {layers}:  # they have no bias
    layer = model.get_submodule(name)
    layer.bias = torch.nn.Parameter(torch.zeros(layer.out_features, device=model.device))
"""


class PlainBitFit(Plain):
    """Only biases require a gradient."""

    name = "bitfit"

    def code(self, method: Any, card: ModelCard) -> str:
        """Let the parameters whose names end in bias move."""
        added = [piece.name.removesuffix(".bias") for piece in method.anatomy(card).pieces if piece.state == "added"]
        return (
            (ADD.format(layers=listed(added)) if added else "model = base\n")
            + """\
for name, parameter in model.named_parameters():
    parameter.requires_grad_(name.endswith("bias"))
"""
        )
