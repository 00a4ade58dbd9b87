"""Tuning in a random subspace in plain PyTorch: a module that computes all weights and calls the base with them."""

from typing import Any

from workbench.card import ModelCard
from workbench.methods.intrinsic import group_of
from workbench.report.plain.contract import RANDOM_START, Plain

CODE = '''\
import re

SIZES = [parameter.numel() for parameter in base.parameters()]
WIDTH = {width}  # the dimension, padded to a power of two
BLOCKS = -(-sum(SIZES) // WIDTH)
{layer}

def hadamard(rows):
    """Each row (blocks, width) times Hadamard's matrix of ones and minus ones, by sums and differences."""
    half = 1
    while half < WIDTH:
        first, second = rows.view(BLOCKS, -1, 2, half).unbind(2)
        rows = torch.stack([first + second, first - second], dim=2).view(BLOCKS, WIDTH)
        half *= 2
    return rows


class InSubspace(torch.nn.Module):
    """W = W0 + P theta, where P = H G Pi H B stays random and only theta{and} moves."""

    def __init__(self):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.theta = torch.nn.Parameter(torch.zeros({dimension}))
{factors}        signs = torch.randint(2, (BLOCKS, WIDTH), dtype=torch.int8) * 2 - 1
        order = torch.rand(BLOCKS, WIDTH).argsort() + WIDTH * torch.arange(BLOCKS)[:, None]
        scales = torch.randn(BLOCKS, WIDTH)
        self.register_buffer("signs", signs)
        self.register_buffer("order", order.flatten())
        self.register_buffer("scales", scales / (WIDTH * scales.square().sum()).sqrt())

    def forward(self, **inputs):
        padded = F.pad(self.theta, (0, WIDTH - {dimension}))
        mixed = hadamard(padded * self.signs).flatten()[self.order].view(BLOCKS, WIDTH)
        changes = hadamard(mixed * self.scales).flatten()[: sum(SIZES)].split(SIZES)
        named = zip(self.base.named_parameters(), changes)
        weights = {name: weight + {times}change.view_as(weight) for (name, weight), change in named}
        return torch.func.functional_call(self.base, weights, kwargs=inputs)


'''
FACTORS = """\
        self.factors = torch.nn.Parameter(torch.ones(len(LAYERS)))
"""
LAYER = """\
# The block of each weight by its name; all that is outside of the blocks is one layer more.
LAYER = {name: "".join(re.findall(r"^.*?\\.\\d+\\.", name)) for name, _ in base.named_parameters()}
LAYERS = list(dict.fromkeys(LAYER.values()))
"""
MAKE = "model = InSubspace()\n"


class PlainIntrinsicDimension(Plain):
    """A wrapper around the base."""

    name = "intrinsic"

    def code(self, method: Any, card: ModelCard) -> str:
        """Define the transform and the module, draw the projection."""
        layers = len({group_of(piece.name) for piece in card.pieces}) if method.structure else 0
        dimension = method.dimension - layers
        filled = {
            "width": str(1 << (dimension - 1).bit_length()),
            "dimension": str(dimension),
            "and": " and a factor for each layer" if layers else "",
            "layer": LAYER if layers else "",
            "factors": FACTORS if layers else "",
            "times": "self.factors[LAYERS.index(LAYER[name])] * " if layers else "",
        }
        code = CODE if layers else CODE.replace("import re\n\n", "")
        for name, text in filled.items():
            code = code.replace(f"{{{name}}}", text)
        return f"{code}{RANDOM_START}{MAKE}"
