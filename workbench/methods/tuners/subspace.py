"""A random subspace of all weights of a model: a short vector that moves, and a projection that never does."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

LARGEST_INT32 = 2**31


class Subspace(nn.Module):
    """From a vector of `dimension` numbers to a change of every weight, by Fastfood: H G P H B in blocks.

    H is Walsh's and Hadamard's matrix, B random signs, P a random order, G random normal numbers (Le et al. 2013,
    arXiv:1408.3060). Each block makes as many numbers as the vector has, padded to a power of two; blocks stand one
    behind the other (section 3). So four numbers a weight are kept, and no matrix of weights times dimension.
    """

    def __init__(self, shapes: Mapping[str, torch.Size], groups: Mapping[str, str], dimension: int, seed: int) -> None:
        """Draw the projection from the seed; `groups` tell the layer of each weight, or are empty for no factors."""
        super().__init__()
        self.shapes, self.groups, self.seed = dict(shapes), dict(groups), seed
        self.theta = nn.Parameter(torch.zeros(dimension))
        if groups:
            self.factors = nn.Parameter(torch.ones(len(set(groups.values()))))
        self.numbers = sum(shape.numel() for shape in shapes.values())
        width = 1 << (dimension - 1).bit_length()
        blocks = -(-self.numbers // width)
        generator = torch.Generator().manual_seed(seed)
        signs = torch.randint(2, (blocks, width), generator=generator, dtype=torch.int8) * 2 - 1
        order = (
            torch.rand(blocks, width, generator=generator).argsort() + torch.arange(0, blocks * width, width)[:, None]
        )
        scales = torch.randn(blocks, width, generator=generator)
        # Columns of length one, as in Li et al. 2018, arXiv:1804.08838, section 2: H alone makes them sqrt(width) long.
        scales /= (width * scales.square().sum()).sqrt()
        kind = torch.int32 if blocks * width < LARGEST_INT32 else torch.int64
        self.register_buffer("signs", signs, persistent=False)
        self.register_buffer("order", order.flatten().to(kind), persistent=False)
        self.register_buffer("scales", scales, persistent=False)

    def changes(self) -> dict[str, Tensor]:
        """What is added to each weight: its layer's factor times its part of the projection."""
        parts = torch.split(self.project(self.theta), [shape.numel() for shape in self.shapes.values()])
        changes = {name: part.view(shape) for (name, shape), part in zip(self.shapes.items(), parts, strict=True)}
        if not self.groups:
            return changes
        factors = dict(zip(dict.fromkeys(self.groups.values()), self.factors, strict=True))
        return {name: factors[self.groups[name]] * change for name, change in changes.items()}

    def project(self, theta: Tensor) -> Tensor:
        """(dimension,) to (numbers,)."""
        signs, order, scales = (self.get_buffer(name) for name in ("signs", "order", "scales"))
        padded = nn.functional.pad(theta, (0, signs.shape[1] - len(theta)))
        mixed = hadamard(padded * signs)  # (blocks, width)
        shuffled = mixed.flatten().index_select(0, order).view_as(mixed)
        return hadamard(shuffled * scales).flatten()[: self.numbers]


def hadamard(rows: Tensor) -> Tensor:
    """Each row (rows, width) times the Walsh-Hadamard matrix of ones and minus ones; width is a power of two.

    The matrix is the Kronecker product of two smaller ones, so two small products do what one large one would.
    """
    count, width = rows.shape
    wide = 1 << (width.bit_length() // 2)
    left, right = (_walsh(size).to(rows) for size in (width // wide, wide))
    return (left @ rows.view(count, width // wide, wide) @ right).reshape(count, width)


def _walsh(size: int) -> Tensor:
    matrix = torch.ones(1, 1)
    while len(matrix) < size:
        matrix = torch.cat([torch.cat([matrix, matrix], dim=1), torch.cat([matrix, -matrix], dim=1)])
    return matrix
