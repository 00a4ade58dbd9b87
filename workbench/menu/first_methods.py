"""The ways of tuning that a race has where nobody names any."""

from workbench.objectives import OBJECTIVES

FIRST = ("none", "full", "adapter", "prefix", "prompt", "lora")
PROBE = "feature_based"  # stands in for what trains nothing: an untrained head has nothing to answer with


def first_methods(objective: str) -> tuple[str, ...]:
    """Their names, the untuned base among them where it can answer.

    Raises:
        SpecError: there is no such objective.
    """
    return (PROBE, *FIRST[1:]) if OBJECTIVES[objective].by_head else FIRST
