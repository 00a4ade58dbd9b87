import pytest

import workbench.widgets as wb
from workbench.errors import WorkbenchError
from workbench.knobs import knobs
from workbench.methods import METHODS
from workbench.models.catalog import find_card
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


def test_a_head_is_offered_where_there_are_labels_and_trains_in_every_run() -> None:
    form = wb.pick()
    answers = form.fields["objective"]
    assert answers.disabled and "chooses among a few labels" in form._misfit.value
    form.fields["task"].value = "feelings"
    assert not answers.disabled and "labels" not in form._misfit.value
    words = {str(spec.method): spec for spec in form.value}
    assert {spec.objective.name for spec in words.values()} == {"language_modelling"}
    answers.value = "classification"
    assert {spec.objective.name for spec in form.value} == {"classification"}
    assert "random until it is trained" in form._misfit.value and form.methods["none"].disabled
    assert {str(spec.method) for spec in form.value} == {*words} - {"none"} | {"feature_based"}
    head = (find_card("pocket-gpt").width + 1) * len(TASKS["feelings"]().labels())
    assert ">feature_based</th><td" in form._told.value and f">{head:,}</td>" in form._told.value


def test_a_task_without_labels_is_answered_in_words_again() -> None:
    form = wb.pick()
    form.fields["task"].value = "feelings"
    form.fields["objective"].value = "classification"
    form.fields["task"].value = "describe"
    assert form.fields["objective"].value == "language_modelling" and not form.methods["none"].disabled
    assert {spec.objective.name for spec in form.value} == {"language_modelling"}


def test_nothing_ticked_is_told() -> None:
    form = wb.pick()
    for box in form.methods.values():
        box.value = False
    assert "at least one" in form._told.value


def test_without_a_front_end_the_form_is_a_table_of_what_is_picked() -> None:
    bundle = wb.pick()._repr_mimebundle_()
    assert "lora" in bundle["text/html"] and "describe on pocket-gpt" in bundle["text/plain"]
    assert WIDGET in bundle
