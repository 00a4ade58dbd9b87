import torch

from workbench.training.peak_memory import Ledger, bytes_of
from workbench.training.step import take_step


def trained(run, steps=3, rate=1e-2):
    for batch in run.batches():
        take_step(run, batch, rate)
        run.step += 1
        if run.step == steps:
            break
    return run


def test_memory_that_is_shared_counts_once():
    tensor = torch.zeros(10)
    assert bytes_of([tensor, tensor[2:], torch.zeros(5)]) == 60


def test_peak_memory_holds_weights_gradients_moments_and_what_was_saved(build, base):
    run = build("full")
    numbers = base.card.parameters
    before = run.memory.peak
    assert before >= 4 * numbers
    take_step(run, next(run.batches()), 1e-3)
    assert run.memory.peak > 16 * numbers  # weights, gradients and two moments, at four bytes


def test_lora_needs_less_memory_than_full_fine_tuning(build):
    assert trained(build("lora")).memory.peak < trained(build("full")).memory.peak


def test_what_is_saved_for_backward_is_counted_in_bytes(build):
    run = build("full")
    ledger = Ledger()
    with run.memory._watch_cpu(ledger, []):
        x = torch.ones(1000, requires_grad=True)
        y = x.exp()  # saves its result
        assert y.requires_grad
    assert ledger.peak == ledger.saved == 4000


def test_what_the_backward_pass_is_done_with_is_counted_no_longer(build):
    ledger, weight = Ledger(), torch.nn.Parameter(torch.ones(500))
    with build("full").memory._watch_cpu(ledger, [weight]):
        x = torch.ones(1000, requires_grad=True)
        y = x.exp().sum() + weight.sin().sum()  # 1000 results of exp; sin keeps what it is given, a weight of its own
        held = ledger.saved
        y.backward()
    assert held == 4000 + 2000
    assert ledger.saved == 0 and ledger.gradients == 2000
    assert ledger.peak == 6000  # sin's gradient comes before exp lets go, but not before sin does


def test_larger_batches_raise_the_peak_and_smaller_ones_leave_it(build):
    run = build("full", task="echo:longest=20", batch_size=8)
    batches = sorted(run.batches(), key=lambda batch: batch[0].ids.numel())
    peaks = []
    for batch in [batches[0], batches[-1], batches[0]]:
        take_step(run, batch, 1e-3)
        peaks.append(run.memory.peak)
    assert peaks[0] < peaks[1] == peaks[2]


def test_sparse_tensors_count_with_their_places(build):
    run = build("full")
    ledger = Ledger()
    with run.memory._watch_cpu(ledger, []):
        matrix = torch.eye(4).to_sparse()
        x = torch.ones(4, 2, requires_grad=True)
        assert torch.sparse.mm(matrix, x).requires_grad
    assert ledger.peak >= 4 * 4 + 2 * 4 * 8  # four values, and two places of eight bytes for each
