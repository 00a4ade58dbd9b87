"""The learning curves as a still picture: what a saved notebook shows where nothing is alive to draw."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from workbench.menu.svg import LETTER, WIDTH, Picture, as_file, element, word
from workbench.units import axis_of
from workbench.views import VIEWS
from workbench.views.colour import Style
from workbench.views.contract import Row, ShownRun, thinned
from workbench.views.footing import loss_unit

SHOWN_WIDTH = 720  # pixels on a page: letters twice as large as in the drawing would be too many on a phone
LEFT, TOP, HIGH = 36.0, 14.0, 170.0  # where the plot lies in the drawing, and its height
POINTS = 120  # of one curve: more cannot be told apart at this size
STRIDES = {
    "solid": "",
    "dash": "6 4",
    "dot": "2 3",
    "dashdot": "6 3 2 3",
    "longdash": "10 4",
    "longdashdot": "10 3 2 3",
}


@dataclass(frozen=True)
class Scale:
    """From numbers to pixels: `low` lies at `start`, `high` at `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The pixel of a number."""
        return self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """About four round numbers within."""
        stride = 10.0 ** math.floor(math.log10((self.high - self.low) / 5))
        factor = next(factor for factor in (1, 2, 5, 10) if (self.high - self.low) / (stride * factor) <= 5)
        first = math.ceil(self.low / (stride * factor))
        last = math.floor(self.high / (stride * factor) + 1e-9)
        return [number * stride * factor for number in range(first, last + 1)]


def curves_picture(runs: Sequence[ShownRun]) -> Picture:
    """Held-out losses (with markers) and training losses (thin) of the runs, from the same table as the live figure."""
    table = VIEWS["curves"]().table(runs)
    if not table:
        return Picture("Learning curves: nothing is measured yet.", 30, (word(0, 18, "Nothing is measured yet."),))
    across, down = _scales(table)
    parts = [*_axes(across, down, axis_of(row["unit"] for row in table))]
    for row in sorted(table, key=lambda row: row["kind"] == "evaluation"):  # thin lines below
        parts += _curve(row, across, down)
    named = {row["label"]: row["style"] for row in table}
    lines, height = legend(named, TOP + HIGH + 34)
    return Picture(described(runs), height, (*parts, *lines))


def described(runs: Sequence[ShownRun]) -> str:
    """The picture in words: where the held-out losses stand."""
    told = [
        f"{run.label} {run.history.evaluations[-1][1]:.3f} after step {run.history.evaluations[-1][0]}"
        for run in runs
        if run.history.evaluations
    ]
    return f"Learning curves. Held-out loss in {loss_unit(runs)}: {', '.join(told) or 'not measured yet'}."


def as_image(picture: Picture) -> str:
    """The picture as a file of its own, as wide as a page wants it."""
    return as_file(picture).replace("<svg ", f'<svg width="{SHOWN_WIDTH}" ', 1)


def _scales(table: Sequence[Row]) -> tuple[Scale, Scale]:
    losses = [loss for row in table for loss in row["losses"]]
    low, high = min(losses), max(losses)
    room = 0.05 * (high - low) or 0.5
    steps = max(1, *(row["steps"][-1] for row in table))
    return Scale(0, steps, LEFT, WIDTH - 8.0), Scale(low - room, high + room, TOP + HIGH, TOP)


def _axes(across: Scale, down: Scale, unit: str) -> list[str]:
    grid = {"stroke": "currentColor", "stroke-opacity": 0.18}
    parts = [word(0, 9, f"loss ({unit})")]
    for tick in down.ticks():
        y = down.at(tick)
        parts.append(element("line", {"x1": across.start, "x2": across.end, "y1": y, "y2": y, **grid}))
        parts.append(word(LEFT - 4, y + 4, f"{tick:.3g}", text_anchor="end"))
    for tick in across.ticks():
        parts.append(word(across.at(tick), TOP + HIGH + 13, f"{tick:g}", text_anchor="middle"))
    parts.append(word(across.end, TOP + HIGH + 26, "optimizer step", text_anchor="end"))
    return parts


def _curve(row: Row, across: Scale, down: Scale) -> list[str]:
    """One line; held-out losses with a marker at each evaluation, a run that trains nothing as a dotted level."""
    points = thinned(zip(row["steps"], row["losses"], strict=True), POINTS)
    is_level = row["kind"] == "evaluation" and not row["trains"]
    if is_level:
        points = [(0, points[-1][1]), (int(across.high), points[-1][1])]
    places = [(across.at(step), down.at(loss)) for step, loss in points]
    look: dict[str, object] = {"fill": "none", "stroke": row["style"].colour}
    if row["kind"] == "training":
        look |= {"stroke-width": 0.7, "stroke-opacity": 0.5}
    else:
        look |= {"stroke-width": 1.8, "stroke-dasharray": "2 3" if is_level else STRIDES[row["style"].dash]}
    line = element("path", {"d": path(places), **look})
    if row["kind"] == "training" or is_level:
        return [line]
    return [line, *(element("circle", {"cx": x, "cy": y, "r": 2.5, "fill": row["style"].colour}) for x, y in places)]


def path(places: Sequence[tuple[float, float]]) -> str:
    """Straight lines through these pixels, as SVG writes them."""
    lines = [f"L{x:.1f} {y:.1f}" for _, (x, y) in pairwise(places)]
    return " ".join([f"M{places[0][0]:.1f} {places[0][1]:.1f}", *lines])


def legend(named: dict[str, Style], y: float) -> tuple[list[str], float]:
    """A line and a name for each run; a new row where the next would not fit. Returns the height too."""
    parts, x = [], 0.0
    for label, style in named.items():
        short = label if len(label) <= 44 else label[:43] + "…"
        wide = 28 + LETTER * len(short) + 12
        if x and x + wide > WIDTH:
            x, y = 0.0, y + 16
        look = {"stroke": style.colour, "stroke-width": 2, "stroke-dasharray": STRIDES[style.dash]}
        parts.append(element("line", {"x1": x, "x2": x + 22, "y1": y + 7, "y2": y + 7, **look}))
        parts.append(word(x + 28, y + 11, short))
        x += wide
    return parts, y + 20
