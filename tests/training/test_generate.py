from copy import deepcopy
from itertools import zip_longest

import pytest
import torch

from workbench.training.evaluate import at_rest
from workbench.training.generate import Writing, answers, nucleus, prompt_ids, stream, write

PROMPTS = ["w5", "w6 w7 w8 w9 w10 w11", "w12 w13", "", "w30 w31 w32"]
METHODS = ["none", "full", "lora", "adapter", "ia3", "prefix", "mam", "prompt", "multitask_prompt", "p_tuning"]
METHODS = ["none", "full", "lora", "adapter", "ia3", "prefix", "prompt", "multitask_prompt", "autoprompt", "p_tuning"]
METHODS = [
    "none",
    "full",
    "lora",
    "adapter",
    "ia3",
    "prefix",
    "prompt",
    "multitask_prompt",
    "prompt_mixture",
    "autoprompt",
    "p_tuning",
]


def stirred(run):
    """The run's model with its movable weights shaken, so that a learned prompt or adapter says something."""
    noise = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in run.tuned.movable.values():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=noise))
    return run.tuned.model


def without_cache(model, ids, count, end):
    """Greedy tokens, reading the whole text anew for every token."""
    ids = list(ids)
    written = []
    with at_rest(model):
        for _ in range(count):
            token = int(model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1].argmax())
            if token == end:
                break
            written.append(token)
            ids.append(token)
    return written


@pytest.mark.parametrize("method", METHODS)
def test_many_prompts_at_once_give_what_each_gives_alone_without_a_cache(build, tokenizer, method):
    model = stirred(build(method))
    rows = [prompt_ids(prompt, tokenizer) for prompt in PROMPTS]
    together = write(model, tokenizer, rows, Writing(6, positions=64))
    assert together == [without_cache(model, row, 6, tokenizer.eos_token_id) for row in rows]


@pytest.mark.parametrize("method", ["full", "prefix", "mam", "prompt"])
def test_learned_positions_are_those_of_the_row_alone(build, gpt2, tokenizer, method):
    model = stirred(build(method, on=gpt2))
    rows = [prompt_ids(prompt, tokenizer) for prompt in PROMPTS]
    together = write(model, tokenizer, rows, Writing(5, positions=64))
    assert together == [without_cache(model, row, 5, tokenizer.eos_token_id) for row in rows]


def test_rows_that_end_early_do_not_disturb_the_others(base, tokenizer):
    rows = [prompt_ids(prompt, tokenizer) for prompt in PROMPTS * 2]
    alone = [without_cache(base.model, row, 8, None) for row in rows]
    end = alone[0][2]  # a token that some rows write sooner, some later
    other = deepcopy(tokenizer)
    other.eos_token = other.convert_ids_to_tokens(end)
    cut = [row[: row.index(end)] if end in row else row for row in alone]
    assert len({len(row) for row in cut}) > 1
    assert write(base.model, other, rows, Writing(8, positions=64)) == cut
    other.eos_token = None
    assert write(base.model, other, rows, Writing(8, positions=64, ends=(end,))) == cut, "or what ends a turn of a chat"


def test_drawing_with_the_same_seed_gives_the_same_text(base, tokenizer):
    def drawn(seed):
        return answers(base.model, tokenizer, PROMPTS, Writing(8, temperature=1.0, seed=seed, positions=64))

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_a_prompt_that_is_too_long_loses_its_start(base, tokenizer):
    long = " ".join(["w4"] * 100 + ["w9", "w8"])
    kept = prompt_ids(long, tokenizer)[-56:]
    writing = Writing(8, positions=64)
    assert write(base.model, tokenizer, [prompt_ids(long, tokenizer)], writing) == write(
        base.model, tokenizer, [kept], writing
    )


def test_a_stream_is_the_answer_in_pieces(base, tokenizer):
    writing = Writing(6, temperature=1.0, seed=1, positions=64)
    pieces = list(stream(base.model, tokenizer, "w5 w6", writing))
    assert len(pieces) > 1
    assert ["".join(pieces)] == answers(base.model, tokenizer, ["w5 w6"], writing)


def test_streams_that_are_read_by_turns_leave_gradients_on(base, tokenizer):
    writings = [Writing(length, positions=64) for length in (2, 4)]
    streams = [stream(base.model, tokenizer, "w5 w6", writing) for writing in writings]
    for _ in zip_longest(*streams):
        assert torch.is_grad_enabled()
    assert torch.is_grad_enabled()


def test_the_nucleus_keeps_the_likeliest_tokens_that_reach_the_share() -> None:
    odds = torch.tensor([[0.1, 0.5, 0.3, 0.1], [0.97, 0.01, 0.01, 0.01]])
    assert nucleus(odds, 0.6).tolist() == torch.tensor([[0.0, 0.5, 0.3, 0.0], [0.97, 0.0, 0.0, 0.0]]).tolist()
    assert torch.equal(nucleus(odds, 0.3) > 0, torch.tensor([[0, 1, 0, 0], [1, 0, 0, 0]]).bool())
