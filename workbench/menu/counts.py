"""What a method would make of a model: counts, memory by part, and every piece, without a weight."""

from typing import Any

from workbench.anatomy import Anatomy
from workbench.card import ModelCard
from workbench.knobs import configure
from workbench.memory import estimate
from workbench.methods import METHODS
from workbench.methods.contract import Method
from workbench.methods.head import with_head
from workbench.spec import Choice

PARTS = ("weights", "gradients", "optimizer", "activations", "logits", "total")


def counted(card: ModelCard, choice: Choice, batch_size: int, tokens: int) -> dict[str, Any]:
    """The counts of one method: numbers, percent, and bytes.

    Raises:
        SpecError: the method or a knob is unknown, or does not fit the model.
    """
    method, anatomy = _anatomy(card, choice)
    turned = {name: getattr(method, name) for name in choice.knobs}
    return {
        "method": choice.name,
        "knobs": turned,
        "added": anatomy.added,
        "trainable": anatomy.trainable,
        "total": anatomy.total,
        "percent": anatomy.percent,
        "checkpoint_bytes": anatomy.checkpoint_bytes,
        "memory_bytes": _memory(card, anatomy, batch_size, tokens),
        "own_weight_bytes": anatomy.own_weight_bytes,
    }


def notes(card: ModelCard, choice: Choice) -> tuple[str, ...]:
    """What the numbers alone do not tell of a method on this model, in sentences.

    Raises:
        SpecError: the method or a knob is unknown, or does not fit the model.
    """
    return _anatomy(card, choice)[1].notes


def _anatomy(card: ModelCard, choice: Choice) -> tuple[Method, Anatomy]:
    method = configure(METHODS[choice.name], choice.knobs, choice.name)
    return method, with_head(method.anatomy(card), card)


def _memory(card: ModelCard, anatomy: Anatomy, batch_size: int, tokens: int) -> dict[str, int]:
    memory = estimate(card, anatomy, batch_size=batch_size, tokens=tokens)
    return {part: int(getattr(memory, part)) for part in PARTS}


def pieces(card: ModelCard, choice: Choice) -> list[dict[str, Any]]:
    """The tuned model part by part, for a picture of it: block (None outside the blocks), role, state, shape, count.

    Raises:
        SpecError: the method or a knob is unknown, or does not fit the model.
    """
    _, anatomy = _anatomy(card, choice)
    return [
        {
            "name": piece.name,
            "block": piece.block,
            "role": piece.role,
            "state": piece.state,
            "shape": piece.shape,
            "count": piece.count,
            "formula": piece.formula,
        }
        for piece in anatomy.pieces
    ]
