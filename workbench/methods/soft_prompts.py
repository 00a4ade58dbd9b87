"""What prefix, prompt and P-tuning share: virtual tokens, and PEFT's models for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.methods.contract import Tuned
from workbench.methods.peft_models import tuned_by, wrap

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


def token_width(card: ModelCard) -> int:
    """Width of a token's embedding, which a virtual token has too."""
    return card.embedding_width or card.width


def unread(card: ModelCard) -> tuple[str, ...]:
    """What a person should know of a learned prompt on this model."""
    told = "The second text of a pair is parted by [SEP] alone: PEFT's prompts do not tell segments apart."
    return (told,) if card.segments > 1 else ()


def check_room(virtual_tokens: int, card: ModelCard, field: str) -> None:
    """Make sure that virtual tokens leave room for a text.

    Raises:
        SpecError: they fill all positions of the model.
    """
    if virtual_tokens >= card.positions:
        allowed = f"fewer than the {card.positions} positions of {card.name}"
        raise SpecError(field, virtual_tokens, allowed)


def check_prefix(virtual_tokens: int, card: ModelCard, method: str) -> None:
    """Make sure that the model can read keys and values from before, and has room for a text behind them.

    Raises:
        SpecError: it cannot, or has not.
    """
    if not card.takes_prefix:
        allowed = "a model whose attention takes keys and values from before; DistilBERT's leaves them unread"
        raise SpecError(f"the model for {method}", card.name, allowed, "Try prompt or p_tuning.")
    check_room(virtual_tokens, card, f"{method}:virtual_tokens")


def learn_prompt(model: "PreTrainedModel", config: Any, card: ModelCard, generator: "torch.Generator") -> Tuned:
    """Wrap the model with one of PEFT's prompt learners.

    PEFT's own switch leaves the wrapped methods behind on the model, so the base is given back here.
    """
    tuned = tuned_by(wrap(model, config, card, generator))
    tuned.without = partial(_prompt_left_out, tuned.model)
    return tuned


@contextmanager
def _prompt_left_out(wrapped: Any) -> Iterator[None]:
    """Within, the model calls its base directly, in forward as in generate."""
    base = wrapped.base_model
    writes = getattr(base, "prepare_inputs_for_generation", None)  # an encoder has none
    methods = {"forward": base.__call__, "prepare_inputs_for_generation": writes}
    before = {name: vars(wrapped).get(name) for name in methods}
    for name, method in methods.items():
        setattr(wrapped, name, method)
    try:
        yield
    finally:
        for name, method in before.items():
            delattr(wrapped, name)
            if method is not None:
                setattr(wrapped, name, method)
