"""(IA)3 with PEFT."""

from typing import Any

from workbench.card import ModelCard
from workbench.methods.ia3 import SCALED_INPUT
from workbench.methods.targets import target_roles
from workbench.report.plain.contract import Plain, endings, peft_code


class PlainIA3(Plain):
    """PEFT's IA3Config."""

    name = "ia3"

    def code(self, method: Any, card: ModelCard) -> str:
        """Spell the config out and wrap the base."""
        weights = card.weights(*target_roles(method.targets, card, "ia3:targets"))
        names = {piece.name.removesuffix(".weight"): piece.role for piece in weights}
        inputs = endings(name for name, role in names.items() if role == SCALED_INPUT)
        settings: list[tuple[str, object, str]] = [
            ("target_modules", endings(names), ""),
            ("feedforward_modules", inputs, "of these the input is scaled, of the others the output"),
        ]
        if card.transposed:
            settings.append(("fan_in_fan_out", True, "the model stores its matrices as (inputs, outputs)"))
        return peft_code("IA3Config", settings)
