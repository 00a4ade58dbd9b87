"""Gradual unfreezing in plain PyTorch."""

from typing import Any

from workbench.card import ModelCard
from workbench.methods.gradual_unfreezing import EMBEDDING_ROLES
from workbench.report.plain.contract import Plain, blocks_of, literal


class PlainGradualUnfreezing(Plain):
    """Layers thaw from the top; lower ones take smaller steps."""

    name = "gradual_unfreezing"
    before_step = "thaw(step / STEPS)"
    shrinks = True

    def code(self, method: Any, card: ModelCard) -> str:
        """Number the layers from the top, and say when each begins to move and at which rate."""
        lowest = [piece.name for piece in card.pieces if piece.role in EMBEDDING_ROLES]
        before = blocks_of(card)
        place = before.count(".") + 1  # of the block's number in a parameter's name
        return f"""\
STAGES = {self._stages(method, card.depth + 1)}  # in which stage each layer begins to move, the top layer first
THAWED_AT = {method.thawed_at}  # fraction of the training after which everything moves
EMBEDDINGS = {literal(lowest)}
model = base


def layers_above(name):
    \"\"\"0 for the output, the last norm and the top block; the embeddings stand below all blocks.\"\"\"
    if name.startswith("{before}."):
        return {card.depth - 1} - int(name.split(".")[{place}])
    return {card.depth} if name in EMBEDDINGS else 0


def shrink(name):
    \"\"\"What the learning rate of this parameter is multiplied by.\"\"\"
    return {method.discriminative} ** -layers_above(name)


def thaw(done):
    \"\"\"Let those parameters move whose stage is reached; done is the fraction of the training.\"\"\"
    last = STAGES[-1]
    reached = last if done >= THAWED_AT else int(done / THAWED_AT * last)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(STAGES[layers_above(name)] <= reached)
"""

    def _stages(self, method: Any, layers: int) -> list[int]:
        """The stage of each layer, as `GradualUnfreezing` joins layers into stages."""
        count = min(method.stages or layers, layers)
        bounds = [round(number * layers / count) for number in range(count + 1)]
        return [stage for stage in range(count) for _ in range(bounds[stage], bounds[stage + 1])]
