"""AdaMix in plain PyTorch: adapters whose narrow layer is drawn anew in each pass, and the loss of two passes."""

from typing import Any

from workbench.card import ModelCard
from workbench.report.plain.adapter import PlainAdapter
from workbench.report.plain.contract import Plain

MIXTURE = """\
class Mixture(torch.nn.ModuleList):
    \"\"\"Copies of a layer: one at random for each pass in training, their average otherwise.\"\"\"

    def forward(self, x):
        if self.training:
            return self[torch.randint(len(self), ()).item()](x)
        weight, bias = (torch.stack([getattr(layer, slot) for layer in self]).mean(0) for slot in ("weight", "bias"))
        return F.linear(x, weight, bias)


"""
MIXES = "        self.{part} = Mixture(copy.deepcopy(self.{part}) for _ in range({copies}))\n"
ADDED = """\
answers = {}  # the logits of the last pass


def added_loss(examples):
    \"\"\"How far the answers of two passes differ: both Kullback-Leibler divergences, in nats a target.\"\"\"
    one = F.log_softmax(answers["logits"], dim=-1)
    summed_loss(examples)
    other = F.log_softmax(answers["logits"], dim=-1)
    return {half} * ((one.exp() - other.exp()) * (one - other)).sum(-1).mean()
"""
NOT_ADDED = """\
answers = {}


def added_loss(examples):
    \"\"\"Nothing is asked of a second pass.\"\"\"
    return 0.0
"""


class PlainAdaMix(Plain):
    """Adapters of several narrow layers."""

    name = "adamix"
    adds_loss = True

    def code(self, method: Any, card: ModelCard) -> str:
        """Define mixture and adapter, put them into the base, and define what a second pass adds to the loss."""
        parts = ("down",) if method.share_up else ("down", "up")
        mixes = "".join(MIXES.replace("{part}", part).replace("{copies}", str(method.adapters)) for part in parts)
        before, forward, rest = PlainAdapter().code(method.adapter, card).partition("\n    def forward")
        added = ADDED.replace("{half}", str(method.consistency / 2)) if method.consistency else NOT_ADDED
        return f"import copy\n\n\n{MIXTURE}{before}{mixes}{forward}{rest}\n\n{added}"
