"""`workbench rates`: which learning rate suits a method, by a short run in which the rate grows."""

from dataclasses import asdict, replace
from typing import Annotated, Any

import typer

from workbench.cli.options import Json, Methods, Model, Objective
from workbench.cli.screen import grid, is_unicode, say, screen, show_json
from workbench.cli.sparkline import ASCII, BLOCKS, sparkline
from workbench.spec import Budget, RunSpec, parse_choice, parse_choices
from workbench.views.rates import RateCurve

WIDTH = 21  # characters of a curve: two steps each


def rates(
    methods: Methods,
    model: Model = "pocket-gpt",
    task: Annotated[str, typer.Option(help="A task of `workbench tasks`; knobs as name:knob=value.")] = "describe",
    objective: Objective = "language_modelling",
    seed: Annotated[int, typer.Option(min=0, help="Decides data, order and random starts.")] = 0,
    batch_size: Annotated[int, typer.Option(min=1, help="Examples a step.")] = 8,
    as_json: Json = False,
) -> None:
    """Find learning rates: the rate grows from 0.00001 to 10 in 42 steps, and the loss is watched.

    Try a rate from where the curve is steep, well below where it breaks. One short run is a hint, no proof.
    """
    chosen, budget = parse_choices(methods), Budget(batch_size=batch_size)
    shared = RunSpec(model, parse_choice(task), objective=parse_choice(objective), budget=budget, seed=seed)
    specs = [replace(shared, method=choice) for choice in chosen]
    from workbench.training.range_test import range_tests  # torch comes with it

    curves = list(range_tests(specs))
    if as_json:
        show_json([{**asdict(curve), "halfway": curve.halfway, "breaks": curve.breaks} for curve in curves])
    else:
        _show(curves)


def _show(curves: list[RateCurve]) -> None:
    say("Loss while the learning rate grows from 0.00001 (left) to 10 (right)", "bold")
    marks = BLOCKS if is_unicode(screen()) else ASCII
    rows: list[tuple[Any, ...]] = []
    for curve in curves:
        top = 1.3 * curve.losses[0]
        drawn = sparkline([min(loss, top) for loss in curve.losses], 0, top, WIDTH, marks)
        breaks = "never" if curve.breaks is None else f"{curve.breaks:.2g}"
        rows.append((curve.label.replace(":", " "), drawn, f"{curve.halfway:.2g}", breaks, f"{curve.default:.2g}"))
    numbers = ("halfway down", "breaks at", "own rate")
    screen().print(grid(("method", "loss", *numbers), rows, right=numbers))
