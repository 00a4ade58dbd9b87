"""Bars as a picture: a number for each of several ways of tuning, with its spread or its parts."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.menu.svg import WIDTH, Picture, Spot, box, element, word

HIGH, STEP = 12, 36  # of a bar, and from one to the next
SHADES = (1.0, 0.75, 0.55, 0.36, 0.2)  # of the parts of a bar, from the left


@dataclass(frozen=True)
class Bar:
    """One bar: `told` is its number as it is written, `parts` add up to it, `spread` goes to both sides of its end."""

    label: str
    told: str
    colour: str
    parts: tuple[float, ...]
    spread: float = 0.0

    @property
    def length(self) -> float:
        """The whole number that the bar stands for."""
        return sum(self.parts)


def bars(title: str, shown: Sequence[Bar], names: Sequence[str] = ()) -> Picture:
    """Draw bars from zero on one scale; `names` say what their parts are."""
    longest = max(bar.length + bar.spread for bar in shown) or 1.0
    parts = [part for place, bar in enumerate(shown) for part in _bar(bar, STEP * place, WIDTH / longest)]
    y = float(STEP * len(shown))
    if names:
        legend = "from the left: " + ", ".join(names)
        parts.append(word(0, y + 10, legend))
        y += 16
    return Picture(f"{title}. " + "; ".join(f"{bar.label}: {bar.told}" for bar in shown) + ".", y, tuple(parts))


def _bar(bar: Bar, y: float, scale: float) -> list[str]:
    drawn = [word(0, y + 11, bar.label), word(WIDTH, y + 11, bar.told, text_anchor="end")]
    x = 0.0
    for part, shade in zip(bar.parts, SHADES, strict=False):
        wide = max(1.0 if len(bar.parts) == 1 and part else 0.0, scale * part)
        told = f"{bar.label}: {bar.told}"
        drawn.append(box(Spot(x, y + 15, wide, HIGH), told, fill=bar.colour, fill_opacity=shade))
        x += wide
    if bar.spread:
        drawn += _spread(scale * (bar.length - bar.spread), scale * (bar.length + bar.spread), y + 15 + HIGH / 2)
    return drawn


def _spread(left: float, right: float, y: float) -> list[str]:
    ends = [(left, y, right, y), (left, y - 4, left, y + 4), (right, y - 4, right, y + 4)]
    ink = {"stroke": "currentColor", "stroke-width": 1.5}
    return [element("line", {"x1": a, "y1": b, "x2": c, "y2": d, **ink}) for a, b, c, d in ends]
