"""A learning rate found in a cell: a short run in the kernel in which the rate grows, its curve, and a rate to try."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.spec import Choice
from workbench.views.rates import RateCurve
from workbench.widgets.picture import as_image
from workbench.widgets.rate_picture import described, number, rates_picture
from workbench.widgets.start import WORDS, Asked, choices, specs_of
from workbench.widgets.still import Still
from workbench.widgets.tables import lines, plain_table

HEADS = ("method", "rate to try", "breaks at", "own rate")
EXPLAINED = (
    "At the rate to try, half of the fall of the loss is done; the loss has risen by half a nat where it breaks. "
    "One short run is a hint, no proof: race a few rates around it."
)


@dataclass(frozen=True)
class Rates:
    """The curves of a range test, in the order in which their methods were named."""

    curves: tuple[RateCurve, ...]

    @property
    def suggested(self) -> dict[str, float | None]:
        """The rate to try of each method by its name; None where the loss did not fall."""
        return {curve.label: curve.suggested for curve in self.curves}

    def still(self) -> Still:
        """The picture, and the rates as HTML and as text."""
        rows = [
            [curve.label, number(curve.suggested), number(curve.breaks), number(curve.default)] for curve in self.curves
        ]
        html = plain_table("Learning rates", HEADS, rows) + f"<p>{EXPLAINED}</p>"
        return Still(lines([HEADS, *rows]), html, as_image(rates_picture(self.curves)), described(self.curves))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """The picture above the rates, wherever it is shown."""
        return self.still().bundle()

    def __repr__(self) -> str:
        """The rates, for plain Python."""
        return self.still().text


def rates(
    methods: str | Sequence[str | Choice] = "lora",
    *,
    model: str = "pocket-gpt",
    task: str | Choice = "describe",
    objective: str | Choice = WORDS,
    seed: int = 0,
    **budget: Any,
) -> Rates:
    """Find a learning rate for each method in this kernel; nothing is kept but the curves.

    The words are those of `race`; `steps` is how many rates are tried from 0.00001 to 10, 42 where it is left out.

    Raises:
        WorkbenchError: what was asked for cannot be run, or a method trains nothing by a rate.
    """
    chosen = specs_of(choices(methods), Asked(model, task, objective, seed, budget))
    from workbench.training.range_test import STEPS, range_tests

    steps = chosen[0].budget.steps if chosen and "steps" in budget else STEPS
    return Rates(tuple(range_tests(chosen, steps)))
