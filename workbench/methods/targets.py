"""Where a method reaches into a block: the plain names of its linear layers and what a model calls them."""

from workbench.card import LINEAR_ROLES, ModelCard
from workbench.errors import SpecError

ROLES = {
    "query": "attention_query",
    "key": "attention_key",
    "value": "attention_value",
    "output": "attention_output",
    "up": "feed_forward_up",
    "gate": "feed_forward_gate",
    "down": "feed_forward_down",
}
ALL_LINEAR = "all_linear"


def target_roles(targets: str, card: ModelCard, field: str) -> tuple[str, ...]:
    """The roles that a text such as `query+value` or `all_linear` means.

    Raises:
        SpecError: the model has no layer of one of these roles; `field` names the knob.
    """
    chosen = targets.split("+")
    present = [name for name, role in ROLES.items() if card.weights(role)]
    if ALL_LINEAR in chosen:
        return LINEAR_ROLES
    for name in chosen:
        if name not in present:
            allowed = ", ".join(present)
            raise SpecError(field, targets, f"{allowed} joined by + for {card.name}, or {ALL_LINEAR}")
    return tuple(ROLES[name] for name in chosen)
