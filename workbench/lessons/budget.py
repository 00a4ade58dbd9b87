"""How much a lesson may train: a test in CI, an evening on a laptop, or a real model on a GPU."""

from dataclasses import dataclass
from typing import Any

from workbench.errors import SpecError
from workbench.lessons.settings import budget_name


@dataclass(frozen=True)
class LessonBudget:
    """The model, steps and seeds of a lesson's races."""

    name: str
    model: str
    steps: int
    seeds: tuple[int, ...]
    evaluation_examples: int
    metric_examples: int
    batch_size: int = 8
    evaluate_every: int = 0  # as in spec.Budget: 0 spreads about eight over the run

    @property
    def training(self) -> dict[str, Any]:
        """What a race takes beside model, task, methods and seeds: the parts of `spec.Budget`."""
        names = ("steps", "batch_size", "evaluation_examples", "metric_examples", "evaluate_every")
        return {name: getattr(self, name) for name in names}


BUDGETS = {
    budget.name: budget
    for budget in (
        LessonBudget("test", "pocket-gpt-nano", 40, (0, 1, 2), 32, 8, evaluate_every=20),
        LessonBudget("laptop", "pocket-gpt", 150, (0, 1, 2), 64, 64),
        LessonBudget("gpu", "smollm2-135m", 300, (0, 1, 2), 128, 64),
    )
}


def budget(name: str = "") -> LessonBudget:
    """The budget of this name; without one, that of the environment variable WORKBENCH_BUDGET, else laptop.

    Raises:
        SpecError: there is no such budget.
    """
    wanted = name or budget_name()
    if wanted not in BUDGETS:
        raise SpecError("WORKBENCH_BUDGET", wanted, "one of " + ", ".join(BUDGETS))
    return BUDGETS[wanted]
