"""Diff pruning in plain PyTorch: a module that computes all weights from gated differences and calls the base."""

from typing import Any

from workbench.card import ModelCard
from workbench.methods.diff_pruning import GATES_FASTER
from workbench.methods.gates import EDGE, HIGH, LOW, OPEN
from workbench.report.plain.contract import Plain

CODE = """\
SIZES = [weight.numel() for weight in base.parameters()]


def gate(alpha):  # between 0 and 1, often one of them: at random in training, else what is most likely
    noise = torch.rand_like(alpha).logit(eps={edge}) if torch.is_grad_enabled() else 0.0
    return (torch.sigmoid(alpha + noise) * {reach} + {low}).clamp(0, 1)


class WithDifferences(torch.nn.Module):  # entries are added to weights, each behind a gate{too}
    def __init__(self):
        super().__init__()
        self.base, weights = base.requires_grad_(False), list(base.parameters())
        self.entries = torch.nn.ParameterList([torch.zeros_like(weight) for weight in weights])
        self.gates = torch.nn.ParameterList([torch.full_like(weight, {open}) for weight in weights])
{wholes}        self.kept = []  # 1 for each entry that stays and 0 for the others, once that is decided

    def changes(self):
        gates = self.kept or {gates}
        return [gate * entries for gate, entries in zip(gates, self.entries)]

    def forward(self, **inputs):
        named = zip(self.base.named_parameters(), self.changes())
        weights = {name: weight + change for (name, weight), change in named}
        return torch.func.functional_call(self.base, weights, kwargs=inputs)


def shrink(name):  # what the learning rate is multiplied by: gates have a long way to go
    return 1.0 if name.startswith("entries.") else {faster}


def penalty():  # for the share of entries that is expected not to be zero, as long as nothing is pruned
    expected = {expected}
    return 0.0 if model.kept else {penalty} * sum(expected) / sum(SIZES)


@torch.no_grad()
def prune(done):  # keep the largest differences, as they are behind their gates
    if done >= {pruned_at} and not model.kept:
        changes = model.changes()
        flat = torch.cat([change.flatten() for change in changes]).abs()
        stays = torch.zeros_like(flat).index_fill(0, flat.topk({kept}).indices, 1.0)
        for entries, change, part in zip(model.entries, changes, stays.split(SIZES)):
            model.kept.append(part.view_as(change))
            entries.copy_(change * model.kept[-1])


model = WithDifferences()
"""
WHOLES = """\
        self.wholes = torch.nn.ParameterList([torch.full((1,), {open}) for _ in weights])
"""
BOTH = {
    "gates": "[gate(a) * gate(b) for a, b in zip(self.gates, self.wholes)]",
    "expected": "[torch.sigmoid(a).sum() * torch.sigmoid(b) for a, b in zip(model.gates, model.wholes)]",
    "wholes": WHOLES,
    "too": ", and all behind one",
}
APART = {
    "gates": "[gate(alpha) for alpha in self.gates]",
    "expected": "[torch.sigmoid(alpha).sum() for alpha in model.gates]",
    "wholes": "",
    "too": "",
}


class PlainDiffPruning(Plain):
    """A wrapper around the base."""

    name = "diff_pruning"
    before_step = "prune(step / STEPS)"
    shrinks = True
    adds_penalty = True

    def code(self, method: Any, card: ModelCard) -> str:
        """Define differences, the module, the penalty and what happens between two steps."""
        filled = {
            **(BOTH if method.structured else APART),
            "low": str(LOW),
            "reach": str(HIGH - LOW),
            "open": str(OPEN),
            "edge": str(EDGE),
            "faster": str(GATES_FASTER),
            "kept": f"{method.number(card.parameters):_}",
            "penalty": str(method.penalty),
            "pruned_at": str(method.pruned_at),
        }
        code = CODE
        for name, text in filled.items():
            code = code.replace(f"{{{name}}}", text)
        return code
