from dataclasses import replace

import pytest

from workbench.errors import ModelError, SpecError
from workbench.spec import Budget
from workbench.training.check import check, check_race


def test_parts_are_found_and_configured(spec, base):
    checked = check(spec("lora:rank=3", task="echo:longest=9"), base.card)
    assert checked.method.rank == 3
    assert checked.task.longest == 9
    assert checked.learning_rate == checked.method.default_learning_rate(base.card)


def test_the_budgets_rate_goes_before_the_methods_own(spec, base):
    assert check(spec("lora", learning_rate=0.5), base.card).learning_rate == 0.5


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"method": "lora:rnak=3"}, "a knob of lora"),
        ({"method": "lora:rank=0"}, "lora:rank"),
        ({"task": "ecko"}, "task"),
        ({"steps": 0}, "budget:steps"),
        ({"accumulation": 9}, "budget:accumulation"),
        ({"method": "lomo", "accumulation": 2}, "budget:accumulation"),
        ({"method": "mezo", "weight_decay": 0.1}, "budget:weight_decay"),
        ({"method": "prompt:virtual_tokens=40"}, "virtual tokens of prompt"),
    ],
)
def test_a_wrong_field_is_named(spec, base, changes, field):
    with pytest.raises(SpecError) as caught:
        check(spec(**changes), base.card)
    assert caught.value.field == field


def test_an_unknown_model_is_one_sentence(spec):
    with pytest.raises(ModelError):
        check(replace(spec(), model="pocket-gtp"))


def test_a_model_for_counting_cannot_be_trained(spec):
    with pytest.raises(SpecError, match="counting only"):
        check(replace(spec(), model="gpt3-175b"))


METHODS = ("full", "prompt:virtual_tokens=8", "prefix:virtual_tokens=2")


def test_examples_leave_room_for_virtual_tokens_whatever_the_method(spec, base):
    lengths = {check(spec(method, max_length=512), base.card).max_length for method in METHODS}
    assert lengths == {56}  # 64 positions less an eighth


def test_an_empty_race_is_refused():
    with pytest.raises(SpecError):
        check_race([])


def test_a_race_may_differ_in_method_and_rate(spec, base):
    first, second = spec("full", learning_rate=0.1), spec("lora")
    assert [part.method.name for part in check_race([first, second], base.card)] == ["full", "lora"]
    with pytest.raises(SpecError):
        check_race([first, replace(second, budget=Budget())], base.card)
