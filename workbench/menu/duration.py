"""How long a run would take on this machine, from its counts and from how fast the machine was found to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from workbench.card import LARGEST_ON_ONE_CORE, ModelCard
from workbench.knobs import configure
from workbench.menu.estimate import TYPICAL_TOKENS
from workbench.methods import METHODS
from workbench.spec import SAMPLES, RunSpec
from workbench.tasks import TASKS

LATEST = 12  # earlier runs that count


@dataclass(frozen=True)
class Pace:
    """What the warm parent measured with a bundled model on one core, in seconds.

    `read`: a token of a forward pass; `write`: a token of an answer, many answers at once; `domain`: the loss on the
    base's own domain. `tokens`: of an example, by task. `cores`: that training has.
    """

    parameters: int
    cores: int
    read: float
    write: float
    domain: float
    tokens: Mapping[str, float]


def seconds(spec: RunSpec, card: ModelCard, trainable: int, pace: Pace) -> float:
    """The seconds of its own work that a run would take, before any is known from earlier runs.

    A forward pass costs 2 operations a parameter and token, the way back 2 more for the signals and 2 more for each
    parameter that moves (Kaplan et al. 2020, arXiv:2001.08361, section 2.1).
    """
    budget, task = spec.budget, TASKS[spec.task.name]
    size = card.parameters / pace.parameters
    tokens = min(pace.tokens.get(spec.task.name, TYPICAL_TOKENS), budget.max_length)
    passes = 2 + min(1.0, trainable / card.parameters) if trainable else 0.0
    method = configure(METHODS[spec.method.name], spec.method.knobs, spec.method.name)
    trained = budget.steps * budget.batch_size * tokens * passes * method.work * pace.read
    looks = len(budget.evaluation_steps()) - 1 if trainable else 0  # the first is shared by the whole race
    evaluated = looks * (budget.evaluation_examples * tokens * pace.read + pace.domain)
    answers = budget.metric_examples + SAMPLES * (len(budget.sample_steps()) - 2) if trainable else 0
    return size * (trained + evaluated + answers * task.answer_tokens * pace.write)


def corrected(method: str, expected: float, past: Sequence["Past"]) -> float:
    """The expected seconds, times what earlier runs of the method, else of any method, took more than expected."""
    own = [run for run in past if run.method == method]
    ratios = [run.real / run.expected for run in own[:LATEST] or past[:LATEST] if run.expected > 0]
    return expected * median(ratios) if ratios else expected


def race_seconds(runs: Sequence[float], pace: Pace, parameters: int) -> float:
    """How long a race takes: small models train side by side, each on a core of its own."""
    side_by_side = min(pace.cores, len(runs)) if parameters < LARGEST_ON_ONE_CORE else 1
    return max(sum(runs) / max(1, side_by_side), max(runs, default=0.0))


@dataclass(frozen=True)
class Past:
    """A finished run of this machine: its method, its own seconds, and those that would have been expected."""

    method: str
    real: float
    expected: float
