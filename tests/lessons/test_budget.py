"""Budgets by name and by environment."""

import pytest

from workbench.errors import SpecError
from workbench.knobs import configure
from workbench.lessons.budget import BUDGETS, budget
from workbench.models.catalog import find_card
from workbench.spec import Budget


def test_the_environment_names_the_budget(monkeypatch):
    monkeypatch.setenv("WORKBENCH_BUDGET", " Test ")
    assert budget().name == "test"
    monkeypatch.delenv("WORKBENCH_BUDGET")
    assert budget().name == "laptop"


def test_an_unknown_budget_is_one_sentence(monkeypatch):
    monkeypatch.setenv("WORKBENCH_BUDGET", "huge")
    with pytest.raises(SpecError, match="one of test, laptop, gpu"):
        budget()


@pytest.mark.parametrize("name", BUDGETS)
def test_a_budget_is_one_that_a_race_takes_on_a_known_model_with_three_seeds(name):
    found = budget(name)
    assert configure(Budget, found.training, "budget").steps == found.steps
    assert find_card(found.model).parameters > 0
    assert len(set(found.seeds)) == 3
