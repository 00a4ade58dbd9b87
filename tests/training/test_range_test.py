"""The range test: one short run for each method while the rate grows."""

import pytest

from workbench.errors import SpecError
from workbench.training.range_test import HIGHEST, LOWEST, range_tests


def test_rates_grow_by_one_factor_and_the_loss_falls_and_breaks(base, spec) -> None:
    full, lora = range_tests([spec("full"), spec("lora:rank=2")], steps=30, base=base)
    assert (full.label, lora.label) == ("full", "lora:rank=2")
    assert full.rates[0] == pytest.approx(LOWEST) and full.rates[-1] <= HIGHEST
    steps = [after / before for before, after in zip(full.rates, full.rates[1:], strict=False)]
    assert steps == pytest.approx([steps[0]] * len(steps))
    for curve in (full, lora):
        assert min(curve.losses) < curve.losses[0] - 0.1
        assert curve.halfway < (curve.breaks or HIGHEST)


def test_it_is_the_same_each_time_and_leaves_the_base_as_it_was(base, spec) -> None:
    weights = {name: weight.clone() for name, weight in base.model.named_parameters()}
    first, again = (next(range_tests([spec("full")], steps=5, base=base)) for _ in range(2))
    assert first == again
    assert all(weight.equal(weights[name]) for name, weight in base.model.named_parameters())


def test_what_trains_nothing_has_no_rate(base, spec) -> None:
    with pytest.raises(SpecError, match="one that trains"):
        range_tests([spec("none")], base=base)
