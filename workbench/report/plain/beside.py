"""Whatever PEFT puts beside matrices: its config spelled out, with the method's own words for each setting."""

from typing import Any

from workbench.card import ModelCard
from workbench.methods.beside import Beside, modules_of
from workbench.report.plain.contract import Plain, endings, help_of, peft_code

TRANSPOSED = "the model stores its matrices as (inputs, outputs)"


class PlainBeside(Plain):
    """One of PEFT's configs."""

    def code(self, method: Any, card: ModelCard) -> str:
        """Spell the config out and wrap the base; what is off by default is left out."""
        weights = method.weights(card)
        settings = {"target_modules": modules_of(weights), **method.settings(weights, card)}
        return peft_code(
            method.peft_config,
            [
                (word, endings(value) if word.endswith("_modules") else value, _meaning(method, word))
                for word, value in settings.items()
                if value is not False or word in method.on_by_default
            ],
            card,
        )


def _meaning(method: Beside, word: str) -> str:
    knobs = [knob for knob, known in method.words.items() if known == word]
    if knobs:
        return help_of(method, knobs[0])
    return TRANSPOSED if word == "fan_in_fan_out" else method.notes.get(word, "")
