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
        return {scale}self.up({bend}(self.down(x)))


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

NUMBERED = "what stands before it is a block with its number"


def adapter_module(method: Any) -> str:
    """The module of one adapter."""
    bend = "torch.tanh" if method.nonlinearity == "tanh" else f"F.{method.nonlinearity}"
    scale = "" if method.scale == 1 else f"{method.scale} * "
    return MODULE.replace("{bend}", bend).replace("{scale}", scale)


def all_beside(method: Any, card: ModelCard) -> str:
    """An adapter beside the feed-forward of each block."""
    firsts, lasts = (endings(card.modules(role)) for role in ("feed_forward_up", "feed_forward_down"))
    return f"""\
for name, layer in list(model.named_modules()):
    for first, last in {literal(list(zip(firsts, lasts, strict=True)))}:
        block = name.removesuffix(f".{{last}}")
        if block != name and block[-1].isdigit():  # {NUMBERED}
            put_beside(model.get_submodule(f"{{block}}.{{first}}"), layer, Adapter({card.width}, {method.width}))
"""


class PlainAdapter(Plain):
    """Adapters behind or beside the layers of each block."""

    name = "adapter"

    def code(self, method: Any, card: ModelCard) -> str:
        """Define the module, freeze the base and put an adapter at each target."""
        roles = PLACEMENTS[method.placement]
        is_beside = method.placement == "parallel"
        return "".join(
            [
                adapter_module(method),
                BESIDE if is_beside else BEHIND,
                RANDOM_START,
                "model = base.requires_grad_(False)\n",
                all_beside(method, card) if is_beside else self._serial(method, card, roles),
                self._norms(method, card, roles),
            ]
        )

    def _serial(self, method: Any, card: ModelCard, roles: tuple[str, ...]) -> str:
        return f"""\
for name, layer in list(model.named_modules()):
    for last in {literal(endings(card.modules(*roles)))}:
        block = name.removesuffix(f".{{last}}")
        if block != name and block[-1].isdigit():  # {NUMBERED}
            put_behind(layer, Adapter({card.width}, {method.width}))
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
