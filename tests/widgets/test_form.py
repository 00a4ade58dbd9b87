import pytest

import workbench.widgets as wb
from workbench.errors import WorkbenchError
from workbench.knobs import knobs
from workbench.methods import METHODS
from workbench.tasks import TASKS
from workbench.widgets.still import WIDGET


def test_the_form_has_every_part_and_every_knob() -> None:
    form = wb.pick()
    assert set(form.methods) == set(METHODS)
    assert {name for _, name in form.fields["task"].options} == set(TASKS)
    for name, part in {**METHODS, **TASKS}.items():
        assert set(form.knobs[name]) == set(knobs(part))


def test_its_value_is_a_list_of_specs() -> None:
    form = wb.pick()
    for name, box in form.methods.items():
        box.value = name in ("full", "lora")
    form.fields["model"].value = "pocket-gpt-nano"
    form.knobs["lora"]["rank"].value = 2
    form.knobs["budget"]["steps"].value = 7
    assert [str(spec.method) for spec in form.value] == ["full", "lora:rank=2"]
    assert {spec.budget.steps for spec in form.specs()} == {7}
    assert {spec.model for spec in form.value} == {"pocket-gpt-nano"}
    assert "lora:rank=2" in form._told.value


def test_a_bad_value_is_one_sentence_in_the_form_and_in_the_call() -> None:
    form = wb.pick()
    form.knobs["lora"]["rank"].value = 0
    assert "lora:rank is 0" in form._told.value
    with pytest.raises(WorkbenchError, match="lora:rank is 0"):
        _ = form.value
    with pytest.raises(WorkbenchError, match="lora:rank is 0"):
        wb.race(form)
    form.knobs["lora"]["rank"].value = 8
    form.fields["seed"].value = -3
    assert "seed is -3" in form._told.value


def test_nothing_ticked_is_told() -> None:
    form = wb.pick()
    for box in form.methods.values():
        box.value = False
    assert "at least one" in form._told.value


def test_without_a_front_end_the_form_is_a_table_of_what_is_picked() -> None:
    bundle = wb.pick()._repr_mimebundle_()
    assert "lora" in bundle["text/html"] and "describe on pocket-gpt" in bundle["text/plain"]
    assert WIDGET in bundle
