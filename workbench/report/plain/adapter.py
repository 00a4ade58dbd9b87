"""The bottleneck adapter in plain PyTorch: a small module, and a hook that adds what it says."""

from typing import Any

from workbench.card import ModelCard
from workbench.methods.adapter import OUTPUTS, PLACEMENTS
from workbench.report.plain.contract import RANDOM_START, Plain, endings, literal

MODULE = '''\
class Adapter(torch.nn.Module):
    """A small network with a narrow middle; its last layer starts at zero, so that it adds nothing at first."""

    def __init__(self, width, middle):
        super().__init__()
        self.down, self.up = torch.nn.Linear(width, middle), torch.nn.Linear(middle, width)
        torch.nn.init.zeros_(self.up.weight)
        torch.nn.init.zeros_(self.up.bias)

    def forward(self, x):
        return self.up({bend}(self.down(x)))


'''
BEHIND = """\
def put_behind(layer, adapter):
    layer.adapter = adapter  # so that the model's parameters include it
    layer.register_forward_hook(lambda layer, inputs, output: output + adapter(output))


"""
BESIDE = """\
def put_beside(first, last, adapter):
    last.adapter = adapter  # so that the model's parameters include it
    first.register_forward_pre_hook(lambda layer, inputs: heard.update({last: inputs[0]}))
    last.register_forward_hook(lambda layer, inputs, output: output + adapter(heard.pop(last)))


heard = {}  # what the feed-forward of a block was given, until its adapter reads it
"""


class PlainAdapter(Plain):
    """Adapters behind or beside the layers of each block."""

    name = "adapter"

    def code(self, method: Any, card: ModelCard) -> str:
        """Define the module, freeze the base and put an adapter at each target."""
        roles = PLACEMENTS[method.placement]
        bend = "torch.tanh" if method.nonlinearity == "tanh" else f"F.{method.nonlinearity}"
        is_beside = method.placement == "parallel"
        return "".join(
            [
                MODULE.replace("{bend}", bend),
                BESIDE if is_beside else BEHIND,
                RANDOM_START,
                "model = base.requires_grad_(False)\n",
                self._parallel(method, card) if is_beside else self._serial(method, card, roles),
                self._norms(method, card, roles),
            ]
        )

    def _serial(self, method: Any, card: ModelCard, roles: tuple[str, ...]) -> str:
        targets = literal(tuple(endings(card.modules(*roles))))
        return f"""\
for name, layer in list(model.named_modules()):
    if name.endswith({targets}):
        put_behind(layer, Adapter({card.width}, {method.width}))
"""

    def _parallel(self, method: Any, card: ModelCard) -> str:
        (first,), (last,) = (endings(card.modules(role)) for role in ("feed_forward_up", "feed_forward_down"))
        return f"""\
for name, layer in list(model.named_modules()):
    if name.endswith("{last}"):
        first = model.get_submodule(name.removesuffix("{last}") + "{first}")
        put_beside(first, layer, Adapter({card.width}, {method.width}))
"""

    def _norms(self, method: Any, card: ModelCard, roles: tuple[str, ...]) -> str:
        if not method.layer_norm:
            return ""
        wanted = {OUTPUTS[role] for role in roles}
        norms = endings(piece.name.rpartition(".")[0] for piece in card.pieces if piece.role in wanted)
        return f"""\
for name, layer in model.named_modules():
    if name.endswith({literal(tuple(norms))}):  # the norm of each adapter's sublayer moves too
        layer.requires_grad_(True)
"""
