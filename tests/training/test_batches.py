import itertools

import torch

from workbench.tasks.encode import Encoded
from workbench.training.batches import batch_order, collate, evaluation_batches, parts

CPU = torch.device("cpu")


def examples(count, longest=9):
    return [
        Encoded(tuple(range(length)), (-100,) * (length - 1) + (7,))
        for length in (1 + i % longest for i in range(count))
    ]


def test_every_example_is_seen_once_an_epoch():
    order = batch_order(examples(53), 8, seed=0)
    for _ in range(3):
        epoch = [number for batch in itertools.islice(order, 7) for number in batch]
        assert sorted(epoch) == list(range(53))


def test_batches_of_an_epoch_are_even_and_none_is_too_large():
    sizes = [len(batch) for batch in itertools.islice(batch_order(examples(33), 16, seed=0), 3)]
    assert sizes == [11, 11, 11]


def test_the_seed_alone_decides_the_order():
    def first(seed):
        return list(itertools.islice(batch_order(examples(40), 4, seed), 25))

    assert first(3) == first(3)
    assert first(3) != first(4)


def test_a_batch_holds_examples_alike_in_length():
    def padded(batches, data):
        return sum(len(batch) * max(len(data[n].ids) for n in batch) for batch in batches)

    data = examples(64, longest=30)
    bucketed = list(itertools.islice(batch_order(data, 8, 0), 8))
    unsorted = [list(range(start, 64, 8)) for start in range(8)]
    assert padded(bucketed, data) < 0.75 * padded(unsorted, data)


def test_a_batch_is_padded_on_the_right_and_knows_its_targets():
    batch = collate([Encoded((5, 6), (-100, 6)), Encoded((7, 8, 9), (-100, 8, 9))], 0, CPU)
    assert batch.ids.tolist() == [[5, 6, 0], [7, 8, 9]]
    assert batch.places.tolist() == [0, 3, 4]  # row 0 column 0; row 1 columns 0 and 1
    assert batch.labels.tolist() == [6, 8, 9]
    assert (batch.tokens, batch.targets) == (5, 3)


def test_a_first_token_is_no_target_since_nothing_predicts_it():
    assert collate([Encoded((5, 6), (5, 6))], 0, CPU).labels.tolist() == [6]


def test_parts_hold_every_example_once():
    data = examples(10)
    split = parts(data, 4, 0, CPU)
    assert [len(part.ids) for part in split] == [3, 3, 2, 2]
    assert sum(part.tokens for part in split) == sum(len(example.ids) for example in data)


def test_evaluation_batches_bound_their_padded_tokens(monkeypatch):
    monkeypatch.setattr("workbench.training.batches.EVALUATION_TOKENS", 20)
    batches = evaluation_batches(examples(12), 0, CPU)
    assert all(batch.ids.numel() <= 20 for batch in batches)
    assert sum(len(batch.ids) for batch in batches) == 12
