"""Diff pruning: gates are hard concrete, the penalty counts open ones, and as many entries stay as were asked for."""

import math
from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy

from workbench.methods.artifact import load_artifact, save_artifact
from workbench.methods.diff_pruning import DiffPruning
from workbench.methods.gates import Difference, gate, placed


def tuned_by(method: DiffPruning, tiny: Any, tokenizer: Any) -> Any:
    """The method with random entries and gates, a half of them closed."""
    tuned = method.apply(tiny.shared(), tiny.card, tokenizer, torch.Generator().manual_seed(0))
    noise = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in tuned.movable.items():
            if not name.endswith("_gate"):
                parameter.copy_(torch.randn(parameter.shape, generator=noise))
    return tuned


def test_gates_without_noise_are_the_clipped_stretched_sigmoid() -> None:
    alpha = torch.tensor([-5.0, 0.0, math.log(2), 5.0])  # sigmoid 0.007, 1/2, 2/3, 0.993
    assert gate(alpha, training=False).tolist() == pytest.approx([0.0, 0.0, 0.5, 1.0], abs=1e-6)


def test_random_gates_are_open_as_often_as_the_penalty_says() -> None:
    torch.manual_seed(0)
    for alpha in (-2.0, 0.0, 1.5):
        is_open = gate(torch.full((20_000,), alpha), training=True) > 0
        assert is_open.float().mean().item() == pytest.approx(1 / (1 + math.exp(-alpha)), abs=0.01)


def test_an_entry_counts_if_its_gate_and_the_gate_of_all_are_open() -> None:
    alphas = torch.nn.Parameter(torch.tensor([0.0, math.log(3)]))  # open with 1/2 and 3/4
    entries = torch.nn.Parameter(torch.ones(2))
    apart = Difference("a", entries, entries, alphas, None)
    both = Difference("a", entries, entries, alphas, torch.nn.Parameter(torch.tensor([math.log(4)])))  # 4/5
    assert apart.open_entries().item() == pytest.approx(1.25)
    assert both.open_entries().item() == pytest.approx(1.25 * 0.8)
    assert both.gated(training=False).tolist() == pytest.approx([0.0, 0.75 * (3 * 0.8 - 1.5)])


def test_the_penalty_is_its_strength_times_the_open_share(tiny: Any, tokenizer: Any) -> None:
    method = DiffPruning(penalty=8.0, structured=False)
    tuned = method.apply(tiny("gpt2").shared(), tiny("gpt2").card, tokenizer, torch.Generator())
    assert tuned.penalty().item() == pytest.approx(8 / (1 + math.exp(-5)), rel=1e-5)
    method.on_progress(tuned, 0.5)
    assert tuned.penalty() == 0


def test_as_many_entries_stay_as_the_density_says_and_they_are_the_largest(
    tiny: Any, ids: torch.Tensor, tokenizer: Any
) -> None:
    base, method = tiny("pocket"), DiffPruning(density=0.1)
    tuned = tuned_by(method, base, tokenizer)
    start = {name: parameter.clone() for name, parameter in base.base.named_parameters()}
    before = torch.cat([(weight - start[name]).flatten() for name, weight in tuned.weights().items()])
    method.on_progress(tuned, 0.49)
    assert not tuned.is_pruned
    method.on_progress(tuned, 0.5)
    after = torch.cat([(weight - start[name]).flatten() for name, weight in tuned.weights().items()])
    number = round(0.1 * base.card.parameters)
    stays = before.abs() >= before.abs().topk(number).values[-1]
    assert int((after != 0).sum()) == number
    assert torch.allclose(after, before * stays, atol=1e-6)


def test_what_was_pruned_stays_away_while_the_rest_moves_on(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    base, method = tiny("llama"), DiffPruning(density=0.05)
    tuned = tuned_by(method, base, tokenizer)
    method.on_progress(tuned, 0.5)
    before = {name: weight.clone() for name, weight in tuned.weights().items()}
    optimizer = torch.optim.AdamW(tuned.movable.values(), lr=0.1)
    logits = tuned.model.train()(ids).logits
    cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten()).backward()
    optimizer.step()
    for name, weight in base.base.named_parameters():
        kept = tuned.memory[f"kept/{name}"]
        assert torch.equal(tuned.weights()[name][~kept], weight[~kept])
    assert any(not torch.equal(before[name], weight) for name, weight in tuned.weights().items())


def test_a_run_that_is_over_before_it_prunes_keeps_the_largest_in_its_file(
    tiny: Any, ids: torch.Tensor, tokenizer: Any, tmp_path: Any
) -> None:
    base, method = tiny("gpt2"), DiffPruning(density=0.1)
    tuned = tuned_by(method, base, tokenizer)
    save_artifact(tuned, method, tmp_path)
    method.on_progress(tuned, 1.0)
    tuned.model.eval()
    with torch.no_grad():
        loaded = load_artifact(tmp_path, base.shared())(ids).logits
        assert torch.allclose(loaded, tuned.model(ids).logits, atol=1e-4)


def test_gates_are_at_random_in_training_alone(tiny: Any, ids: torch.Tensor, tokenizer: Any) -> None:
    tuned = tuned_by(DiffPruning(), tiny("gpt2"), tokenizer)
    with torch.no_grad():
        tuned.model.train()
        first = tuned.model(ids).logits
        tuned.model.eval()
        second, third = (tuned.model(ids).logits for _ in range(2))
    assert torch.equal(second, third) and not torch.allclose(first, second, atol=1e-3)


@pytest.mark.parametrize("places", [[-1, 2], [1, 99], [1]])
def test_places_that_no_model_of_this_size_has_are_refused(places: list[int]) -> None:
    base = {"a": torch.nn.Parameter(torch.zeros(2, 2))}
    with pytest.raises(ValueError, match="place"):
        placed(base, torch.ones(2), torch.tensor(places))
