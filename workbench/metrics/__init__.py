"""Numbers that say how good answers are: each is declared with what it means, and a library does the maths."""

import logging
import math
from collections.abc import Iterable

from workbench.metrics.contract import Metric, Outcome
from workbench.registry import Registry

METRICS: Registry[Metric] = Registry(__name__, Metric, "metric")
CHOICE = ("accuracy", "macro_f1", "mcc")
TEXT = ("exact_match", "sacrebleu", "chrf", "rouge1", "rouge2", "rougeL", "distinct1", "distinct2")

log = logging.getLogger(__name__)


def measured(names: Iterable[str], outcome: Outcome) -> dict[str, float]:
    """What the metrics of these names say of an outcome; nothing of answers where there are none.

    Left out is what is no number there, and what needs a library that this host lacks: torch, transformers and peft
    alone are enough to train.

    Raises:
        SpecError: a name is unknown.
    """
    found = {}
    for name in names:
        metric = METRICS[name]()
        if metric.kind != "loss" and not outcome.answers:
            continue
        try:
            value = metric.measure(outcome)
        except ImportError as error:
            log.info("%s is left out: %s", metric.title, error)
            continue
        if math.isfinite(value):
            found[name] = value
    return found
