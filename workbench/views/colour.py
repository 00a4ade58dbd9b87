"""How a run looks in every picture: one colour, one dash and one marker, safe for colour-blind readers."""

from collections.abc import Sequence
from dataclasses import dataclass

# Okabe and Ito 2008, "Color Universal Design", in their order; the light ones are darkened and black is
# lifted to grey until each stands out at least 3 to 1 from a white page and from a dark one (WCAG 1.4.11).
PALETTE = (
    "#808080",  # black
    "#b88000",  # orange
    "#3a96cb",  # sky blue
    "#009e73",  # bluish green
    "#958c00",  # yellow
    "#0072b2",  # blue
    "#d55e00",  # vermillion
    "#c2649a",  # reddish purple
)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MARKERS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "triangle-down", "star")


@dataclass(frozen=True)
class Style:
    """Colour (#rrggbb), dash and marker (plotly's names) of one run."""

    colour: str
    dash: str
    marker: str


def styles(places: Sequence[int]) -> list[Style]:
    """A style for each run of a race, from the place of its method in the registry.

    A method keeps its colour from race to race; where two runs would share one, the later run takes the
    next free colour. No two of the first 48 runs look alike.
    """
    chosen: list[Style] = []
    uses = [0] * len(PALETTE)
    for place in places:
        colour = _least_used(uses, place % len(PALETTE))
        chosen.append(Style(PALETTE[colour], DASHES[uses[colour] % len(DASHES)], MARKERS[len(chosen) % len(MARKERS)]))
        uses[colour] += 1
    return chosen


def _least_used(uses: list[int], preferred: int) -> int:
    """The preferred colour, or the next one that fewer runs wear."""
    order = [(preferred + offset) % len(uses) for offset in range(len(uses))]
    return min(order, key=lambda colour: uses[colour])
