import pytest
import torch

from workbench.training.bench import share
from workbench.training.step import take_step

FROZEN_SHARED = ["none", "lora", "adapter", "prefix", "mam", "adamix", "prompt", "ia3", "intrinsic", "diff_pruning"]


def memory_of(model):
    return {parameter.data_ptr() for parameter in model.parameters()}


def test_a_shared_model_is_another_tree_over_the_same_numbers(base):
    copy = share(base.model)
    assert copy is not base.model
    pairs = zip(base.model.named_parameters(), copy.named_parameters(), strict=True)
    for (name, original), (same_name, shared) in pairs:
        assert name == same_name
        assert shared is not original
        assert shared.data_ptr() == original.data_ptr()
    for original, shared in zip(base.model.buffers(), copy.buffers(), strict=True):
        assert shared.data_ptr() == original.data_ptr()


def test_ties_stay_ties(base):
    copy = share(base.model)
    assert copy.get_output_embeddings().weight is copy.get_input_embeddings().weight


@pytest.mark.parametrize("method", FROZEN_SHARED)
def test_frozen_weights_exist_once_for_all_runs(build, base, method):
    run = build(method)
    frozen = {p.data_ptr() for p in run.tuned.model.parameters() if not p.requires_grad}
    assert memory_of(base.model) <= frozen


@pytest.mark.parametrize("method", ["full", "last_layers", "bitfit", "scratch", "feature_based"])
def test_what_moves_is_the_runs_own(build, base, method):
    run = build(method)
    assert not {p.data_ptr() for p in run.tuned.movable.values()} & memory_of(base.model)


@pytest.mark.parametrize(
    "method", ["full", "lora", "prefix", "scratch", "gradual_unfreezing", "intrinsic", "diff_pruning"]
)
def test_training_leaves_the_base_untouched(build, base, method):
    before = {name: parameter.clone() for name, parameter in base.model.named_parameters()}
    run = build(method)
    for batch in run.batches():
        take_step(run, batch, 0.05)
        run.step += 1
    assert all(torch.equal(before[name], parameter) for name, parameter in base.model.named_parameters())


@pytest.mark.parametrize("method", ["lora", "prompt", "scratch", "p_tuning"])
def test_random_starts_come_from_the_seed(build, method):
    first, again, other = (build(method, seed=seed).tuned.movable for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_building_leaves_torchs_random_numbers_alone(build):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    build("prefix")
    assert torch.equal(before, torch.get_rng_state())
