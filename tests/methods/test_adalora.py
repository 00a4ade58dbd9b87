"""AdaLoRA takes as many directions away as its budget says, and what is gone stays gone."""

from typing import Any

import pytest
import torch

from workbench.methods.adalora import AdaLoRA
from workbench.methods.importance import Allocating, allocating, take_away, weigh

MATRICES = 2 * 7  # of the tiny Llama


def step(method: AdaLoRA, tuned: Any, done: float, ids: torch.Tensor, optimizer: torch.optim.Optimizer) -> None:
    method.on_progress(tuned, done)
    out = tuned.model(input_ids=ids).logits
    torch.nn.functional.cross_entropy(out[:, :-1].flatten(0, 1), ids[:, 1:].flatten()).backward()
    optimizer.step()
    optimizer.zero_grad()


def alive(tuned: Any) -> int:
    """How many directions are not zero, as the model answers."""
    tuned.model(input_ids=torch.tensor([[5, 6]]))
    return sum(int((p != 0).sum()) for name, p in tuned.movable.items() if ".lora_E." in name)


def test_the_budget_falls_as_a_cube() -> None:
    method = AdaLoRA(rank=2, start_rank=6, begin=0.2, settled=0.6)
    assert [method.budget(done, 10) for done in (0.0, 0.2, 0.4, 0.6, 1.0)] == [60, 60, 25, 20, 20]


def test_as_many_directions_stay_as_the_budget_says(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base = tiny("llama")
    method = AdaLoRA(rank=1, start_rank=3, begin=0.2, settled=0.6)
    tuned = method.apply(base.shared(), base.card, tokenizer, torch.Generator().manual_seed(0))
    optimizer = torch.optim.AdamW(tuned.movable.values(), lr=1e-2)
    counts = []
    for number in range(6):
        step(method, tuned, number / 5, ids, optimizer)
        counts.append(alive(tuned))
    assert counts[0] == 3 * MATRICES and counts[-3:] == [MATRICES] * 3
    state = {name: p.detach().clone() for name, p in tuned.movable.items()}
    tuned.model(input_ids=ids)
    assert all(torch.equal(state[name], p) for name, p in tuned.movable.items())


def test_one_step_is_weighed_as_the_paper_says() -> None:
    """With a smoothing of 0.85 from zero: mean 0.15 s, spread 0.15 * 0.85 s, so a weight counts 0.15 * 0.1275 s^2."""
    model = torch.nn.Module()
    model.lora_A, model.lora_B, model.lora_E = (
        torch.nn.ParameterDict({"default": torch.nn.Parameter(torch.tensor(values))})
        for values in ([[1.0, 3.0], [0.0, 0.0]], [[2.0, 0.0]], [[1.0], [2.0]])
    )
    movable = {f"at.{name}": p for name, p in model.named_parameters()}
    tuned = Allocating(model, movable, torch.no_grad)
    tuned.memory.update({f"gradient/{name}": torch.ones_like(p) for name, p in movable.items()})
    (scores,) = weigh(tuned).values()
    expected = [1 + (1 + 9) / 2 + 4, 4.0]
    assert scores.tolist() == pytest.approx([0.15 * 0.1275 * squares for squares in expected])
    take_away(tuned, {"at.lora_E.default": scores}, 1, for_good=True)
    assert movable["at.lora_E.default"].tolist() == [[1.0], [0.0]] and tuned.is_settled


def test_the_parts_of_a_batch_are_weighed_together() -> None:
    weight = torch.nn.Parameter(torch.ones(1))
    model = torch.nn.Module()
    model.weight = weight
    tuned = allocating(Allocating(model, {"weight": weight}, torch.no_grad))
    for part in (2.0, 3.0):
        (part * weight).sum().backward()
    assert tuned.memory["gradient/weight"].item() == 5.0
