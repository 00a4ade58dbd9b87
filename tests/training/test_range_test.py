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


@pytest.mark.parametrize("method", ["none", "autoprompt"])
def test_what_does_not_train_by_a_rate_has_none(base, spec, method) -> None:
    with pytest.raises(SpecError, match="one that trains"):
        range_tests([spec(method)], base=base)
