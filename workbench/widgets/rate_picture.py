"""Losses against a growing learning rate as a still picture, with the rates that they suggest."""

import math
from collections.abc import Sequence

from workbench.menu.svg import WIDTH, Picture, element, word
from workbench.methods import place_of
from workbench.units import unit_of
from workbench.views.colour import Style, styles
from workbench.views.rates import RateCurve
from workbench.widgets.picture import HIGH, LEFT, STRIDES, TOP, Scale, legend, path

HEADROOM = 1.3  # times the first loss; a loss that broke is drawn no higher
MARKS = ("Ring: half of the fall is done, a rate to try.", "Dotted line: the method's own rate.")


def rates_picture(curves: Sequence[RateCurve]) -> Picture:
    """A line for each method, a ring at the rate that it suggests, a dotted line at the method's own rate."""
    drawn = [curve for curve in curves if curve.losses]
    if not drawn:
        return Picture("Learning rates: no loss was a number.", 30, (word(0, 18, "No loss was a number."),))
    across, down = _scales(drawn)
    looks = styles([place_of(curve.label.partition(":")[0]) for curve in drawn])
    parts = _axes(across, down, unit_of(curve.unit for curve in drawn))
    for curve, style in zip(drawn, looks, strict=True):
        parts += _curve(curve, style, across, down)
    named = {curve.label: style for curve, style in zip(drawn, looks, strict=True)}
    lines, height = legend(named, TOP + HIGH + 34)
    told = [word(0, height + 10 + 15 * place, text) for place, text in enumerate(MARKS)]
    return Picture(described(drawn), height + 30, (*parts, *lines, *told))


def described(curves: Sequence[RateCurve]) -> str:
    """The picture in words: the rate that each method's curve suggests."""
    told = [f"{curve.label} {number(curve.suggested)}, own rate {number(curve.default)}" for curve in curves]
    return f"Loss while the learning rate grows. Rates to try: {'; '.join(told)}."


def number(rate: float | None) -> str:
    """A rate in two digits, or a dash."""
    return "-" if rate is None else f"{rate:.2g}"


def _scales(curves: Sequence[RateCurve]) -> tuple[Scale, Scale]:
    """Powers of ten from left to right, losses upwards."""
    rates = [rate for curve in curves for rate in (*curve.rates, curve.default)]
    low, high = math.floor(math.log10(min(rates))), math.ceil(math.log10(max(rates)))
    top = HEADROOM * max(curve.losses[0] for curve in curves)
    return Scale(low, max(high, low + 1), LEFT, WIDTH - 8.0), Scale(0.0, max(top, 1e-9), TOP + HIGH, TOP)


def _axes(across: Scale, down: Scale, unit: str) -> list[str]:
    grid = {"stroke": "currentColor", "stroke-opacity": 0.18}
    parts = [word(0, 9, f"training loss, smoothed ({unit})")]
    for tick in down.ticks():
        y = down.at(tick)
        parts.append(element("line", {"x1": across.start, "x2": across.end, "y1": y, "y2": y, **grid}))
        parts.append(word(LEFT - 4, y + 4, f"{tick:.3g}", text_anchor="end"))
    for power in range(int(across.low), int(across.high) + 1):
        parts.append(word(across.at(power), TOP + HIGH + 13, f"{10.0**power:g}", text_anchor="middle"))
    parts.append(word(across.end, TOP + HIGH + 26, "learning rate of the step", text_anchor="end"))
    return parts


def _curve(curve: RateCurve, style: Style, across: Scale, down: Scale) -> list[str]:
    places = {
        rate: (across.at(math.log10(rate)), down.at(min(loss, down.high)))
        for rate, loss in zip(curve.rates, curve.losses, strict=True)
    }
    look = {"fill": "none", "stroke": style.colour, "stroke-width": 1.8, "stroke-dasharray": STRIDES[style.dash]}
    parts = [element("path", {"d": path(list(places.values())), **look})]
    own = across.at(math.log10(curve.default))
    upright = {"x1": own, "x2": own, "y1": down.start, "y2": down.end}
    parts.append(element("line", {**upright, "stroke": style.colour, "stroke-dasharray": "2 3"}))
    if curve.suggested is not None:
        x, y = places[curve.suggested]
        ring = {"r": 5, "fill": "none", "stroke": style.colour, "stroke-width": 2}
        parts.append(element("circle", {"cx": x, "cy": y, **ring}))
    return parts
