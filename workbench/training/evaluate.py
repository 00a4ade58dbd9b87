"""The logits where a label is, and the loss on held-out text."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from workbench.methods.head import head_of
from workbench.objectives.contract import Objective
from workbench.training.batches import Batch
from workbench.training.device import Device


def labelled_logits(model: nn.Module, batch: Batch) -> torch.Tensor:
    """The model's logits (targets, vocab) for the labels of the batch, and for no other position.

    The model runs its own forward pass; only what enters its output head is cut down, so that
    whatever a family does to its logits (soft-capping, scaling) still happens. A classification head gives
    logits (examples, labels) from the mean of what would enter there.
    """
    inputs = batch.inputs
    if hasattr(model, "prompt_encoder"):
        inputs.pop("token_type_ids", None)  # which PEFT's learned prompts leave unread, with a warning each time
    with head_at(model, batch.ids.shape[1], batch.places, reads_on=not batch.by_head) as states:
        words: torch.Tensor = model(**inputs, use_cache=False).logits
    if not batch.by_head:
        return words
    head = head_of(model)
    assert head is not None  # a batch is made for it where there is one only
    return head(_means(states[0], batch))  # type: ignore[no-any-return]


def _means(states: torch.Tensor, batch: Batch) -> torch.Tensor:
    """The mean (batch, width) of each row's states (places, width)."""
    B, T = batch.ids.shape
    exact = states.float() if states.element_size() < 4 else states
    rows = batch.places // T
    sums = exact.new_zeros(B, exact.shape[1]).index_add(0, rows, exact)
    counts = exact.new_zeros(B).index_add(0, rows, exact.new_ones(len(rows)))
    return sums / counts[:, None]


@contextmanager
def head_at(model: nn.Module, time: int, places: torch.Tensor, reads_on: bool = True) -> Iterator[list[torch.Tensor]]:
    """Within, the output head sees the hidden states at these places of the (batch, time) input only.

    Yields a list to which each forward pass adds these states, (places, width). Where nobody reads on, the output head
    is given a single one of them, to save its work.
    """
    seen: list[torch.Tensor] = []

    def select(head: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        hidden = inputs[0]  # (batch, virtual + time, width); learned prompts come before the input
        virtual = hidden.shape[1] - time
        if virtual:
            rows = places // time
            chosen = places + (rows + 1) * virtual
        else:
            chosen = places
        seen.append(hidden.reshape(-1, hidden.shape[-1]).index_select(0, chosen))
        return seen[-1] if reads_on else seen[-1][:1], *inputs[1:]

    head: nn.Module = model.get_output_embeddings()  # type: ignore[operator]
    hook = head.register_forward_pre_hook(select)
    try:
        yield seen
    finally:
        hook.remove()


@contextmanager
def at_rest(model: nn.Module) -> Iterator[None]:
    """Within, the model does not drop out and keeps nothing for gradients."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def mean_loss(model: nn.Module, batches: Sequence[Batch], objective: Objective, device: Device) -> float:
    """Loss in nats per target token over all batches; of a classification head per example."""
    with at_rest(model), device.autocast():
        total = sum(objective.loss(labelled_logits(model, batch), batch.labels) for batch in batches)
    return float(total) / max(1, sum(batch.targets for batch in batches))
