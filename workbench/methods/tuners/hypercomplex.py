"""The linear layer of a Compacter: its matrix is a sum of Kronecker products, whose small factors all layers share."""

import torch
from torch import Tensor, nn

RULES_SPREAD = 1e-4  # of the rules at the start: `phm_init_range` of the authors' configs


def shared_rules(division: int) -> nn.Parameter:
    """The n matrices A_i, (n, n, n), which all layers of a model share."""
    return nn.Parameter(torch.empty(division, division, division).normal_(std=RULES_SPREAD))


class HypercomplexLinear(nn.Module):
    """A linear layer with W = sum_i A_i kron (left_i right_i); Karimi Mahabadi et al. 2021, equations 4 and 5."""

    def __init__(self, inputs: int, outputs: int, rules: nn.Parameter, rank: int) -> None:
        """Shape the factors; as the authors' code does, each is drawn as Glorot and Bengio say, the bias is zero."""
        super().__init__()
        division = len(rules)
        self.rules = rules  # (n, n, n)
        self.left = nn.Parameter(torch.empty(division, inputs // division, rank))
        self.right = nn.Parameter(torch.empty(division, rank, outputs // division))
        self.bias = nn.Parameter(torch.zeros(outputs))
        for factor in (*self.left, *self.right):
            nn.init.xavier_uniform_(factor)

    def matrix(self) -> Tensor:
        """W as (inputs, outputs)."""
        small = self.left @ self.right  # (n, inputs / n, outputs / n)
        products = torch.einsum("nab,nio->aibo", self.rules, small)
        return products.reshape(self.rules.shape[1] * small.shape[1], self.rules.shape[2] * small.shape[2])

    def forward(self, x: Tensor) -> Tensor:
        """(..., inputs) to (..., outputs)."""
        return x @ self.matrix() + self.bias
