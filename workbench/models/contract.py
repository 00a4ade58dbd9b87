"""What every model family says of itself: how a config file becomes a model card, piece by piece."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from workbench.card import ModelCard


class Family(ABC):
    """Models that are built alike and differ in size; the class says `name`, `title`, `paper`, `model_types`.

    `model_types` are the values of `model_type` in config.json that the family serves.
    `architectures` are the transformers classes the pieces are named after, by model type.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    paper: ClassVar[str]
    model_types: ClassVar[tuple[str, ...]]
    architectures: ClassVar[dict[str, str]]
    order: ClassVar[int] = 100

    @abstractmethod
    def card(self, config: dict[str, Any], name: str) -> ModelCard:
        """The model card of a config file's content; no torch, no weights.

        The pieces have the names, shapes and order of `named_parameters()` of the transformers class.

        Raises:
            ModelError: a number is missing or out of range, or the layers are not this family's.
        """
