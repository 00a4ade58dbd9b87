"""BOFT in PEFT, with the blocks that PEFT has a CUDA kernel for in plain PyTorch."""

from typing import Any

from workbench.card import ModelCard
from workbench.report.plain.beside import PlainBeside

BLOCKS = '''\
from peft.tuners.boft import layer


class BlockDiagonal:
    """PEFT's CUDA kernel in plain torch; where it cannot be compiled, PEFT would build plain OFT."""

    def forward(self, blocks):  # (factors, blocks, size, size)
        return [torch.stack([torch.block_diag(*factor) for factor in blocks])]

    def backward(self, gradient, blocks):
        factors, number, size, _ = blocks.shape
        cut = gradient.reshape(factors, number, size, number, size)
        return [cut.diagonal(dim1=1, dim2=3).permute(0, 3, 1, 2)]


layer._FBD_CUDA = BlockDiagonal()
'''


class PlainBOFT(PlainBeside):
    """PEFT's config, and what its layers need."""

    name = "boft"

    def code(self, method: Any, card: ModelCard) -> str:
        """Give PEFT the blocks, then spell the config out and wrap the base."""
        return f"{BLOCKS}\n{super().code(method, card)}"
