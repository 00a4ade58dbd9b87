"""A range test finds a learning rate in seconds: one short run while the rate grows from step to step."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from workbench.errors import SpecError
from workbench.models.load import Base, load_base
from workbench.spec import Budget, RunSpec
from workbench.training.bench import Bench, set_up
from workbench.training.build import Scribe, build_run
from workbench.training.check import Checked, check_race
from workbench.training.step import take_step
from workbench.views.rates import RateCurve

LOWEST, HIGHEST = 1e-5, 10.0
STEPS = 42  # seven for each power of ten
SMOOTHING = 0.7  # of the running mean; the loss of one small batch jumps


def range_tests(specs: Sequence[RunSpec], steps: int = STEPS, base: Base | None = None) -> Iterator[RateCurve]:
    """Yield a curve for each method, on the same batches: Smith 2015, arXiv:1506.01186, section 3.3.

    The rate grows by the same factor from step to step, from 1e-5 to 10: methods lie too far apart for Smith's line.
    A run ends where its loss is no longer a number.

    Raises:
        WorkbenchError: a spec, the model or the data does not do; a method trains nothing.
    """
    short = [replace(spec, budget=_shortened(spec.budget, steps)) for spec in specs]
    checked = check_race(short, base.card if base else None)
    for part in checked:
        if not part.method.trains or part.anatomy.learns_by == "search":
            raise SpecError("a method to find a rate for", part.method.name, "one that trains by a rate")
    bench = set_up(checked[0], base or load_base(specs[0].model))
    return (_range_test(part, bench, steps) for part in checked)


def _shortened(budget: Budget, steps: int) -> Budget:
    """As many steps as rates are tried; nothing is evaluated."""
    return replace(budget, steps=steps, evaluation_examples=1, metric_examples=0)


def _range_test(checked: Checked, bench: Bench, steps: int) -> RateCurve:
    run = build_run(checked, bench, Scribe("range test"))
    checked.method.on_progress(run.tuned, 1.0)  # everything is thawed
    rates: list[float] = []
    losses: list[float] = []
    running = 0.0
    for step, batch in enumerate(run.batches()):
        rate = LOWEST * (HIGHEST / LOWEST) ** (step / max(1, steps - 1))
        loss, norm = take_step(run, batch, rate)
        if not math.isfinite(loss + norm):
            break
        running = SMOOTHING * running + (1 - SMOOTHING) * loss
        rates.append(rate)
        losses.append(running / (1 - SMOOTHING ** (step + 1)))  # undoes the start at zero
    name, unit = str(checked.spec.method), checked.objective.unit
    return RateCurve(name, checked.learning_rate, tuple(rates), tuple(losses), unit)
