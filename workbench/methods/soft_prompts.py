"""What methods that learn a prompt share: virtual tokens, where they start, and PEFT's models for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.methods.contract import Tuned
from workbench.methods.peft_models import TASKS, tuned_by, wrap

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

COMMON_TOKENS = 5000  # a vocabulary start draws from the most common ones: arXiv:2104.08691, section 3.2


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


def settings(virtual_tokens: int, card: ModelCard) -> dict[str, Any]:
    """What the configs of PEFT's learned vectors have in common; an encoder-decoder has a prompt on one side."""
    return {
        "task_type": TASKS[card.kind],
        "num_virtual_tokens": virtual_tokens,
        "token_dim": token_width(card),
        "num_layers": card.depth,
        "num_transformer_submodules": 1,
        "num_attention_heads": card.heads,
    }


def common_words(
    number: int, tokenizer: "PreTrainedTokenizerBase", table: "torch.Tensor", generator: "torch.Generator"
) -> list[int]:
    """So many tokens of a table (vocabulary, width), drawn from the common ones; low ids are common in a BPE one."""
    import torch

    special = set(tokenizer.all_special_ids)
    words = [token for token in range(min(len(table), len(tokenizer), COMMON_TOKENS)) if token not in special]
    drawn = torch.randint(len(words), (number,), generator=generator)
    return [words[position] for position in drawn.tolist()]


def embedded(tokens: list[int], model: "PreTrainedModel") -> "torch.Tensor":
    """What the model makes of these tokens before its first block, (tokens, width) in float32."""
    import torch

    embedding: Any = model.get_input_embeddings()
    with torch.no_grad():
        vectors: torch.Tensor = embedding(torch.tensor(tokens, device=embedding.weight.device)).float()
    return vectors


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
