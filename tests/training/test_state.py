"""A captured run goes on as if it had never stopped, where a method keeps more than its weights."""

from copy import deepcopy
from typing import Any

import pytest
import torch

from workbench.training.state import State, capture, restore
from workbench.training.step import take_step


def go_on(run: Any, steps: int) -> list[float]:
    """Take so many steps of six; the losses."""
    losses = []
    batches = run.batches()
    for _ in range(steps):
        run.checked.method.on_progress(run.tuned, run.step / 6)
        losses.append(take_step(run, next(batches), 0.02)[0])
        run.step += 1
    return losses


@pytest.mark.parametrize("stopped_at", [1, 4])  # before and after diff pruning prunes
@pytest.mark.parametrize("method", ["compacter", "intrinsic:dimension=50", "diff_pruning:density=0.05"])
def test_a_restored_run_takes_the_same_steps(build: Any, method: str, stopped_at: int) -> None:
    unbroken, other = build(method, steps=6), build(method, steps=6)
    go_on(unbroken, stopped_at)
    state = capture(unbroken)
    restore(other, State({name: tensor.clone() for name, tensor in state.tensors.items()}, deepcopy(state.facts)))
    assert go_on(other, 6 - stopped_at) == go_on(unbroken, 6 - stopped_at)
    assert all(torch.equal(p, other.tuned.movable[name]) for name, p in unbroken.tuned.movable.items())
