import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from workbench.training.attention import NAME, attend
from workbench.training.bench import set_up
from workbench.training.check import check
from workbench.training.device import Randomness, choose_device
from workbench.training.step import take_step

CPU = torch.device("cpu")


def test_a_wanted_format_is_taken():
    assert choose_device("float32", 10**9).precision == "float32"
    assert choose_device("bfloat16", 10).precision == "bfloat16"


def test_small_models_stay_in_float32_on_a_cpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr("workbench.training.device.cpu_multiplies_bfloat16", lambda: True)
    assert choose_device("auto", 100_000).precision == "float32"
    assert choose_device("auto", 3_000_000).precision == "bfloat16"
    monkeypatch.setattr("workbench.training.device.cpu_multiplies_bfloat16", lambda: False)
    assert choose_device("auto", 3_000_000).precision == "float32"


def test_lent_random_numbers_go_on_where_they_stopped():
    one, other = Randomness(3, CPU), Randomness(3, CPU)
    with one.lent():
        together = torch.rand(4)
    with other.lent():
        first = torch.rand(2)
    torch.rand(7)
    with other.lent():
        second = torch.rand(2)
    assert torch.equal(torch.cat([first, second]), together)


@pytest.mark.parametrize("key_heads", [4, 2])
@pytest.mark.parametrize("queries", [6, 1])
@pytest.mark.parametrize("masked", [False, True])
def test_plain_attention_is_attention(key_heads, queries, masked):
    torch.manual_seed(0)
    q, k, v = (torch.randn(3, heads, time, 8) for heads, time in ((4, queries), (key_heads, 6), (key_heads, 6)))
    mask = None
    if masked:
        mask = (torch.ones(queries, 6, dtype=torch.bool).tril(6 - queries)).expand(3, 1, queries, 6).clone()
        mask[1, :, :, 0] = queries == 1  # a key that one row must not see, except where it would see none
        mask[1, :, 0, 0] = True
    module = torch.nn.Module()
    module.num_key_value_groups = 4 // key_heads
    with torch.autocast("cpu", torch.bfloat16):
        got, _ = attend(module, q, k, v, mask, scaling=0.3)
    causal = torch.ones(queries, 6, dtype=torch.bool).tril(6 - queries)
    expected = scaled_dot_product_attention(
        q, k, v, attn_mask=causal if mask is None else mask, scale=0.3, enable_gqa=True
    )
    assert got.dtype == torch.bfloat16
    torch.testing.assert_close(got.float(), expected.transpose(1, 2), atol=0.03, rtol=0.03)


def test_plain_attention_in_float32_and_for_long_inputs_is_torchs_own(monkeypatch):
    torch.manual_seed(0)
    q, k, v = (torch.randn(2, 4, 5, 8) for _ in range(3))
    expected = scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2)
    torch.testing.assert_close(attend(torch.nn.Module(), q, k, v, None)[0], expected)
    monkeypatch.setattr("workbench.training.attention.LARGEST", 1)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(attend(torch.nn.Module(), q, k, v, None)[0], expected)


@pytest.mark.parametrize("method", ["full", "lora", "prefix", "prompt", "scratch"])
def test_bfloat16_trains_float32_weights_to_nearly_the_same_loss(build, method):
    exact, rough = build(method), build(method, precision="bfloat16")
    losses = [take_step(run, next(run.batches()), 1e-3)[0] for run in (exact, rough)]
    assert losses[1] == pytest.approx(losses[0], rel=0.02)
    assert losses[1] != losses[0]
    assert {parameter.dtype for parameter in rough.tuned.movable.values()} == {torch.float32}


@pytest.mark.parametrize("method", ["full", "lora", "prefix", "scratch"])
def test_a_bfloat16_run_on_a_cpu_uses_plain_attention(build, method):
    model = build(method, precision="bfloat16").tuned.model
    assert model.config._attn_implementation == NAME
    assert build(method).tuned.model.config._attn_implementation == "sdpa"


def test_the_own_texts_of_a_base_are_its_domain_where_no_world_is_known(spec, base):
    checked = check(spec(), base.card)
    first, again = set_up(checked, base), set_up(checked, base)
    assert [b.ids.tolist() for b in first.base_batches] == [b.ids.tolist() for b in again.base_batches]
    assert all(batch.ids[:, 0].eq(1).all() for batch in first.base_batches)


def test_given_texts_are_the_domain(spec, base):
    bench = set_up(check(spec(), base.card), base, ["w5 w6", "w7"])
    assert sorted(row for batch in bench.base_batches for row in batch.ids.tolist()) == [[1, 5, 6, 2], [1, 7, 2, 0]]
