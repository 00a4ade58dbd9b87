"""The Compacter in plain PyTorch: the adapter's source, with linear layers made of Kronecker products."""

from typing import Any

from workbench.card import ModelCard
from workbench.methods.adapter import PLACEMENTS
from workbench.report.plain.adapter import BEHIND, PlainAdapter
from workbench.report.plain.contract import RANDOM_START

MODULES = '''\
class KroneckerSum(torch.nn.Module):
    """A linear layer whose matrix is sum_i A_i kron (s_i t_i); the A_i are shared by all layers."""

    def __init__(self, inputs, outputs):
        super().__init__()
        n = len(rules)
        self.s = torch.nn.Parameter(torch.empty(n, inputs // n, {rank}))
        self.t = torch.nn.Parameter(torch.empty(n, {rank}, outputs // n))
        self.bias, self.rules = torch.nn.Parameter(torch.zeros(outputs)), rules
        for factor in (*self.s, *self.t):
            torch.nn.init.xavier_uniform_(factor)

    def forward(self, x):
        return x @ sum(torch.kron(a, s @ t) for a, s, t in zip(self.rules, self.s, self.t)) + self.bias


class Adapter(torch.nn.Module):
    """A small network with a narrow middle; its rules are so small that it adds next to nothing at first."""

    def __init__(self, width, middle):
        super().__init__()
        self.down, self.up = KroneckerSum(width, middle), KroneckerSum(middle, width)

    def forward(self, x):
        return self.up({bend}(self.down(x)))


'''
RULES = """\
rules = torch.nn.Parameter(torch.empty({n}, {n}, {n}).normal_(std=1e-4))
"""


class PlainCompacter(PlainAdapter):
    """Adapters made of Kronecker products behind the layers of each block."""

    name = "compacter"

    def code(self, method: Any, card: ModelCard) -> str:
        """Define the modules, freeze the base and put an adapter at each target."""
        roles = PLACEMENTS[method.placement]
        bend = "torch.tanh" if method.nonlinearity == "tanh" else f"F.{method.nonlinearity}"
        return "".join(
            [
                MODULES.replace("{bend}", bend).replace("{rank}", str(method.rank)),
                BEHIND,
                RANDOM_START,
                RULES.replace("{n}", str(method.division)),
                "model = base.requires_grad_(False)\n",
                self._serial(method, card, roles),
                self._norms(method, card, roles),
            ]
        )
