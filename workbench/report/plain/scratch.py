"""The same architecture from random weights, in plain transformers."""

from typing import Any

from workbench.card import ModelCard
from workbench.report.plain.contract import RANDOM_START, Plain


class PlainScratch(Plain):
    """A model of the base's config, with none of its weights."""

    name = "scratch"

    def code(self, method: Any, card: ModelCard) -> str:
        """Build a second model of the same config."""
        return f"{RANDOM_START}model = type(base)(base.config)  # its shape, not its weights\n"
