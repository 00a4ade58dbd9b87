"""Loss against a learning rate that grows from step to step: what a range test measured, and its picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.units import PER_TOKEN, unit_of
from workbench.views.colour import styles
from workbench.views.drawing import canvas, line, plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

FALL = 0.1  # nats; what falls less may be one batch that is easier than the first
BROKEN = 0.5  # nats above its lowest: the loss has broken


@dataclass(frozen=True)
class RateCurve:
    """One method's range test: smoothed training losses, in `unit`, at growing rates.

    `default` is the method's own rate for this model.
    """

    label: str
    default: float
    rates: tuple[float, ...]
    losses: tuple[float, ...]
    unit: str = PER_TOKEN

    @property
    def halfway(self) -> float:
        """The rate from which on half of the fall from the first loss to the lowest is done: the steep part.

        Looked for from the lowest loss backwards, since before the fall one batch is easier than the next.
        """
        place, half = self._lowest, (self.losses[0] + min(self.losses)) / 2
        while place > 0 and self.losses[place - 1] <= half:
            place -= 1
        return self.rates[place]

    @property
    def suggested(self) -> float | None:
        """The rate to try: halfway down (Smith 2015 takes the beginning of the fall); None where the loss hardly falls.

        A run that keeps a rate takes many more steps than the one that this test gives it.
        """
        if not self.losses or self.losses[0] - min(self.losses) < FALL:
            return None
        return self.halfway

    @property
    def breaks(self) -> float | None:
        """The smallest rate at which the loss has risen by half a nat above its lowest; None where it never does."""
        after = zip(self.rates[self._lowest :], self.losses[self._lowest :], strict=True)
        return next((rate for rate, loss in after if loss > min(self.losses) + BROKEN), None)

    @property
    def _lowest(self) -> int:
        return self.losses.index(min(self.losses))


def rates_figure(curves: Sequence[RateCurve]) -> "go.Figure":
    """A line for each method, and a marker where it stands at its own rate."""
    unit = unit_of(curve.unit for curve in curves)
    figure = canvas("learning rate of the step (logarithmic)", f"training loss, smoothed ({unit})")
    figure.update_xaxes(type="log", exponentformat="power")
    if curves:
        figure.update_yaxes(range=[0, 1.3 * max(curve.losses[0] for curve in curves)])
    for curve, style in zip(curves, styles(range(len(curves))), strict=True):
        name = plain(curve.label)
        figure.add_scatter(x=list(curve.rates), y=list(curve.losses), name=name, mode="lines", line=line(style))
        figure.add_vline(x=curve.default, line={"color": style.colour, "dash": "dot", "width": 1.5})
    return figure
