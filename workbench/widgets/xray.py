"""The X-ray of a method in a model, as a picture of its own."""

from dataclasses import dataclass
from typing import Any

from workbench.menu.counts import counted, notes, pieces
from workbench.menu.figures import colour_of, label_of
from workbench.menu.svg import Picture
from workbench.menu.xray import xray
from workbench.methods import METHODS
from workbench.models.catalog import find_card
from workbench.spec import Choice, parse_choice
from workbench.widgets.picture import as_image
from workbench.widgets.still import Still
from workbench.widgets.tables import safe

BATCH, TOKENS = 8, 64  # that memory is computed for


@dataclass(frozen=True)
class Anatomy:
    """What a method makes of a model: the picture, the numbers that it draws, and what they do not tell."""

    picture: Picture
    pieces: list[dict[str, Any]]
    counts: dict[str, Any]
    notes: tuple[str, ...] = ()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """The picture as an image, with the notes below it, and in words."""
        told = "".join(f"<p>{safe(note)}</p>" for note in self.notes)
        return Still(repr(self), told, as_image(self.picture), self.picture.label).bundle()

    def __repr__(self) -> str:
        """The picture in words, and the notes."""
        return "\n".join([self.picture.label, *self.notes])


def anatomy(method: str | Choice = "lora", model: str = "pocket-gpt") -> Anatomy:
    """Draw which parts of the model stay frozen, which move and which the method adds; no weights are loaded.

    Raises:
        WorkbenchError: the method or the model is unknown, or they do not fit.
    """
    choice = parse_choice(method) if isinstance(method, str) else method
    METHODS[choice.name]  # named before the model is looked for, which may have to be fetched
    card = find_card(model)
    drawn = pieces(card, choice)
    picture = xray(f"{label_of(choice)} in {card.name}", drawn, colour_of(choice.name))
    return Anatomy(picture, drawn, counted(card, choice, BATCH, TOKENS), notes(card, choice))
