"""BOFT's blocks in plain torch: PEFT has a CUDA kernel for them, and where it cannot be compiled builds plain OFT.

After `install()` PEFT builds and loads the same model on every machine, and looks for no compiler.
"""

import torch
from peft.tuners.boft import layer


class BlockDiagonal:
    """What PEFT's kernel does: blocks along a diagonal, and the gradient back to the blocks."""

    def forward(self, blocks: torch.Tensor) -> list[torch.Tensor]:
        """From (factors, blocks, size, size) to (factors, blocks * size, blocks * size)."""
        return [torch.stack([torch.block_diag(*factor) for factor in blocks])]  # type: ignore[no-untyped-call]

    def backward(self, gradient: torch.Tensor, blocks: torch.Tensor) -> list[torch.Tensor]:
        """The part of the gradient that lies on the blocks, in their shape."""
        factors, number, size, _ = blocks.shape
        cut = gradient.reshape(factors, number, size, number, size)
        return [cut.diagonal(dim1=1, dim2=3).permute(0, 3, 1, 2)]


def install() -> None:
    """Let PEFT use these blocks; does nothing the second time."""
    if not isinstance(layer._FBD_CUDA, BlockDiagonal):
        layer._FBD_CUDA = BlockDiagonal()  # type: ignore[assignment]
