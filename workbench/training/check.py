"""From a specification to its checked parts, before any weight is read."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from workbench.anatomy import Anatomy
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import configure
from workbench.methods import METHODS
from workbench.methods.contract import Method, check_packages
from workbench.methods.head import UNTRAINED, with_head
from workbench.models.catalog import find_card, find_entry
from workbench.objectives import OBJECTIVES
from workbench.objectives.contract import Objective
from workbench.spec import Budget, RunSpec
from workbench.tasks import TASKS
from workbench.tasks.contract import Task
from workbench.tasks.fit import misfit

VIRTUAL_SHARE = 8  # one in so many positions is kept free for virtual tokens, in every method's runs


@dataclass(frozen=True)
class Checked:
    """A specification whose every part is known and fits the others.

    Where a classification head answers, `card` says of how many labels.
    """

    spec: RunSpec
    card: ModelCard
    method: Method
    task: Task
    objective: Objective
    anatomy: Anatomy

    @property
    def learning_rate(self) -> float:
        """The budget's, else the method's own for this model."""
        return self.spec.budget.learning_rate or self.method.default_learning_rate(self.card)

    @property
    def max_length(self) -> int:
        """Tokens that an example may have; the same for every method, so that all see the same batches."""
        return max_length(self.spec.budget, self.card)

    @property
    def counts(self) -> dict[str, float]:
        """Trainable, added, total and percent, as the Started event tells them."""
        anatomy = self.anatomy
        return {
            "trainable": anatomy.trainable,
            "added": anatomy.added,
            "total": anatomy.total,
            "percent": anatomy.percent,
        }


def max_length(budget: Budget, card: ModelCard) -> int:
    """The budget's, cut to what the model's positions leave beside the share for virtual tokens."""
    return min(budget.max_length, card.positions - card.positions // VIRTUAL_SHARE)


def check(spec: RunSpec, card: ModelCard | None = None) -> Checked:
    """Find the parts of a run and make sure that they fit; no torch, no weights.

    `card` is that of a model already in memory; without it the spec's model is looked up.

    Raises:
        SpecError: the field, the value and what is allowed.
        ModelError: the model is unknown, or here for counting only.
    """
    budget = configure(Budget, asdict(spec.budget), "budget")
    if budget.accumulation > budget.batch_size:
        raise SpecError("budget:accumulation", budget.accumulation, f"the batch size {budget.batch_size} or less")
    card = card or _trainable_card(spec.model)
    method = configure(METHODS[spec.method.name], spec.method.knobs, spec.method.name)
    task = configure(TASKS[spec.task.name], spec.task.knobs, spec.task.name)
    objective = configure(OBJECTIVES[spec.objective.name], spec.objective.knobs, spec.objective.name)
    if reason := misfit(card.kind, task, objective.by_head):
        allowed = f"a task that {card.name} can learn{' by a head' * objective.by_head}, such as feelings"
        raise SpecError("task", spec.task.name, allowed, reason)
    if objective.by_head:
        card = replace(card, labels=len(task.labels()))
        _check_trains(method, objective)
    check_packages(method)
    anatomy = with_head(method.anatomy(card), card)
    _check_room(anatomy, budget, card, spec.method.name)
    _check_step(anatomy, budget, spec.method.name)
    return Checked(replace(spec, budget=budget), card, method, task, objective, anatomy)


def _check_trains(method: Method, objective: Objective) -> None:
    if not method.trains:
        allowed = f"one that trains, for the objective {objective.name}"
        raise SpecError("method", method.name, allowed, UNTRAINED)


def _check_step(anatomy: Anatomy, budget: Budget, name: str) -> None:
    """MeZO, LOMO and a search have no moments and no decay; LOMO moves weights before the rest of a batch is seen."""
    if anatomy.learns_by != "adamw" and budget.weight_decay:
        raise SpecError("budget:weight_decay", budget.weight_decay, f"0 for {name}, which steps without AdamW")
    if anatomy.learns_by == "lomo" and budget.accumulation > 1:
        allowed = f"1 for {name}, which keeps no gradients to add up"
        raise SpecError("budget:accumulation", budget.accumulation, allowed)


def check_race(specs: Sequence[RunSpec], card: ModelCard | None = None) -> list[Checked]:
    """Check every spec, and that they differ in nothing but method and learning rate: a race is fair.

    Raises:
        SpecError: a field, or one in which a run differs from the first.
    """
    if not specs:
        raise SpecError("methods", [], "at least one")
    for spec in specs[1:]:
        _check_fair(specs[0], spec)
    return [check(spec, card) for spec in specs]


def _check_fair(first: RunSpec, other: RunSpec) -> None:
    for field in ("model", "task", "objective", "seed"):
        ours, theirs = getattr(first, field), getattr(other, field)
        if ours != theirs:
            raise SpecError(f"{field} of {other.method}", str(theirs), f"{ours}, as in the other runs of the race")
    if replace(first.budget, learning_rate=0.0) != replace(other.budget, learning_rate=0.0):
        raise SpecError(f"the budget of {other.method}", other.budget, "that of the other runs of the race")


def _trainable_card(model: str) -> ModelCard:
    entry = find_entry(model)
    if entry and not entry.can_train:
        raise SpecError("model", model, "a model whose weights can be had", f"{entry.name} is here for counting only.")
    return find_card(model)


def _check_room(anatomy: Anatomy, budget: Budget, card: ModelCard, method: str) -> None:
    """Virtual tokens and the longest example have to fit the model's positions."""
    virtual = anatomy.virtual_tokens + anatomy.extra_cache_tokens
    room = card.positions - max_length(budget, card)
    if virtual > room:
        allowed = f"{room} or fewer beside examples of {max_length(budget, card)} tokens"
        hint = f"{card.name} has {card.positions} positions; a smaller max_length makes room."
        raise SpecError(f"virtual tokens of {method}", virtual, allowed, hint)
