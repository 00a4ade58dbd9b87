"""The pictures of Learn: the X-ray of a method, and what an idea shows, all from the models' own anatomy."""

from collections.abc import Callable
from typing import Any

from workbench.card import ModelCard
from workbench.ideas.contract import Figure
from workbench.knobs import configure
from workbench.menu.bars import Bar, bars
from workbench.menu.counts import counted, pieces
from workbench.menu.svg import Picture
from workbench.menu.xray import xray
from workbench.methods import METHODS, place_of
from workbench.models.catalog import find_card
from workbench.spec import Choice, parse_choice
from workbench.views.colour import styles

MODEL = "pocket-gpt"
BATCH, TOKENS = 8, 64  # that memory is computed for
KEPT = ("weights", "gradients", "optimizer", "activations", "logits")


def method_figure(name: str) -> Picture:
    """The X-ray of a method in the bundled model.

    Raises:
        WorkbenchError: the model is not there, or the method does not serve it.
    """
    return xray(f"{METHODS[name].title} in {MODEL}", pieces(find_card(MODEL), Choice(name)), colour_of(name))


def idea_figure(figure: Figure) -> Picture:
    """What an idea shows.

    Raises:
        WorkbenchError: the model is not there, or a method does not serve it.
    """
    choices = [parse_choice(text) for text in figure.methods]
    if figure.kind == "xray":
        return method_figure(choices[0].name)
    if figure.kind == "measured":
        pairs = zip(choices, figure.measured, strict=True)
        return bars(f"{figure.title}, {figure.unit}", [_measured(choice, *values) for choice, values in pairs])
    card = find_card(MODEL)
    shown = [DRAWN[figure.kind](card, choice) for choice in choices]
    return bars(figure.title, shown, KEPT if figure.kind == "memory" else ())


def colour_of(name: str) -> str:
    """The colour that a method has in a race beside No tuning, which is grey like all that is frozen; #rrggbb."""
    place = place_of(name)
    return styles([0, place] if place else [0])[-1].colour


def label_of(choice: Choice) -> str:
    """A method in words: LoRA, rank 8."""
    turned = [f"{knob.replace('_', ' ')} {value}" for knob, value in choice.knobs.items()]
    return ", ".join([METHODS[choice.name].title, *turned])


def size(number: int) -> str:
    """Bytes in words: 684 KiB, 97.3 MiB."""
    unit, name = (2**20, "MiB") if number >= 2**20 else (2**10, "KiB")
    return f"{number / unit:.3g} {name}"


def _measured(choice: Choice, mean: float, deviation: float) -> Bar:
    told = f"{mean:.3f} ± {deviation:.3f}"
    return Bar(label_of(choice), told, colour_of(choice.name), (mean,), deviation)


def _numbers(card: ModelCard, choice: Choice) -> Bar:
    row = _counted(card, choice)
    told = f"{row['trainable']:,} ({row['percent']:.3g} %)"
    return Bar(label_of(choice), told, colour_of(choice.name), (row["trainable"],))


def _memory(card: ModelCard, choice: Choice) -> Bar:
    held = _counted(card, choice)["memory_bytes"]
    return Bar(label_of(choice), size(held["total"]), colour_of(choice.name), tuple(held[part] for part in KEPT))


def _rate(card: ModelCard, choice: Choice) -> Bar:
    rate = configure(METHODS[choice.name], choice.knobs, choice.name).default_learning_rate(card)
    return Bar(label_of(choice), f"{rate:g}", colour_of(choice.name), (rate,))


def _counted(card: ModelCard, choice: Choice) -> dict[str, Any]:
    return counted(card, choice, BATCH, TOKENS)


DRAWN: dict[str, Callable[[ModelCard, Choice], Bar]] = {"numbers": _numbers, "memory": _memory, "rates": _rate}
