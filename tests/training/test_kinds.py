"""Encoders and encoder-decoders: what they read, learn, write and forget, held against transformers itself."""

from typing import Any

import pytest
import torch

from workbench.errors import SpecError
from workbench.events import Evaluated, Finished, Sampled, Stepped
from workbench.models.load import Base
from workbench.objectives.language_modelling import LanguageModelling
from workbench.tasks.contract import IGNORED, Record
from workbench.tasks.encode import encode, layout_of
from workbench.training.batches import collate
from workbench.training.check import check
from workbench.training.evaluate import at_rest, labelled_logits
from workbench.training.generate import Writing, prompt_ids, stream, write

METHODS = [
    "none",
    "full",
    "lora",
    "adapter",
    "ia3",
    "prefix",
    "mam",
    "adamix",
    "prompt",
    "multitask_prompt",
    "prompt_mixture",
    "autoprompt",
    "p_tuning",
    "bitfit:add_missing=true",
]
METHODS = ["none", "full", "lora", "adapter", "ia3", "prefix", "prompt", "p_tuning", "bitfit:add_missing=true"]
PROMPTS = ["w15", "w16 w17 w18 w19 w20 w21", "w22 w23", "w30 w31 w32"]
RECORDS = [Record("w15 w16 w17", "w20"), Record("w18 w19 w20 w21 w22", "w20 w21"), Record("w30 w31", "w25", cut=4)]


def stirred(run: Any) -> Any:
    """The run's model with its movable weights shaken, so that a learned prompt or adapter says something."""
    noise = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in run.tuned.movable.values():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=noise))
    return run.tuned.model


def test_an_encoder_finds_the_target_under_masks(bert: Base, marked: Any) -> None:
    layout = layout_of(bert.card, marked, ("w20", "w20 w21"))
    assert (layout.masks, layout.has_segments) == (2, True)
    shown = [encode(record, marked, 32, layout) for record in RECORDS]
    assert [marked.decode(example.ids) for example in shown] == [
        "[CLS] w15 w16 w17 [MASK] [MASK] [SEP]",
        "[CLS] w18 w19 w20 w21 w22 [MASK] [MASK] [SEP]",
        "[CLS] w30 [SEP] w31 [MASK] [MASK] [SEP]",
    ]
    learned = [[label for label in example.labels if label != IGNORED] for example in shown]
    assert [marked.decode(labels) for labels in learned] == ["w20 [SEP]", "w20 w21", "w25 [SEP]"]
    assert [example.segments for example in shown] == [(), (), (0, 0, 0, 1, 1, 1, 1)]


def test_an_encoder_s_long_prompt_loses_its_start_and_keeps_its_masks(bert: Base, marked: Any) -> None:
    example = encode(RECORDS[1], marked, 6, layout_of(bert.card, marked, ("w20 w21",)))
    assert marked.decode(example.ids) == "[CLS] w21 w22 [MASK] [MASK] [SEP]"
    assert example.truncated == 3
    pair = encode(Record("w30 w31 w32", "w20", cut=8), marked, 6, layout_of(bert.card, marked, ("w20",)))
    assert marked.decode(pair.ids) == "[CLS] w31 [SEP] w32 [MASK] [SEP]"


def test_an_encoder_s_loss_is_transformers_own(bert: Base, marked: Any) -> None:
    layout = layout_of(bert.card, marked, ("w20 w21",))
    shown = [encode(record, marked, 32, layout) for record in RECORDS]
    batch = collate(shown, 0, torch.device("cpu"))
    expected = 0.0
    with torch.no_grad():
        ours = LanguageModelling().loss(labelled_logits(bert.model, batch), batch.labels)
        for one in shown:  # alone, so that there is no padding
            types = torch.tensor([one.segments or [0] * len(one.ids)])
            labels = torch.tensor([one.labels])
            expected += 2 * bert.model(torch.tensor([one.ids]), token_type_ids=types, labels=labels).loss
    assert torch.allclose(ours, torch.as_tensor(expected), rtol=1e-5)


def test_an_encoder_decoder_s_loss_is_transformers_own(t5: Base, marked: Any) -> None:
    shown = [encode(record, marked, 32, layout_of(t5.card, marked)) for record in RECORDS]
    assert [marked.decode(one.source) for one in shown][0] == "w15 w16 w17 </s>"
    assert marked.decode(shown[0].ids) == "<pad> w20 </s>"
    batch = collate(shown, 0, torch.device("cpu"))
    expected = 0.0
    with torch.no_grad():
        ours = LanguageModelling().loss(labelled_logits(t5.model, batch), batch.labels)
        for one in shown:
            labels = torch.tensor([one.labels[1:]])
            expected += labels.numel() * t5.model(torch.tensor([one.source]), labels=labels).loss
    assert torch.allclose(ours, torch.as_tensor(expected), rtol=1e-5)


def test_a_text_without_prompt_is_learned_as_in_pretraining(bert: Base, t5: Base, marked: Any) -> None:
    text = Record("", " ".join(f"w{number}" for number in range(15, 35)))
    masked = encode(text, marked, 32, layout_of(bert.card, marked))
    assert (len(masked.ids), masked.targets) == (22, 6)
    assert masked == encode(text, marked, 32, layout_of(bert.card, marked))  # the same in each run
    gaps = encode(text, marked, 32, layout_of(t5.card, marked))
    words = [token for token in (*gaps.source, *gaps.ids) if token >= 15]  # those before are marks
    assert sorted(words) == list(range(15, 35))


@pytest.mark.parametrize("method", METHODS)
def test_an_encoder_decoder_writes_many_at_once_as_each_alone_without_a_cache(
    method: str, build: Any, t5: Base, marked: Any
) -> None:
    model, layout = stirred(build(method, on=t5)), layout_of(t5.card, marked)
    rows = [prompt_ids(prompt, marked, layout) for prompt in PROMPTS]
    together = write(model, marked, rows, Writing(6, positions=64, layout=layout))
    assert together == [_alone(model, row, 6, marked.eos_token_id) for row in rows]


def _alone(model: Any, source: list[int], count: int, end: int) -> list[int]:
    written = [0]
    with at_rest(model):
        for _ in range(count):
            ids = torch.tensor([source])
            out = model(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                decoder_input_ids=torch.tensor([written]),
                use_cache=False,
            )
            token = int(out.logits[0, -1].argmax())
            if token == end:
                break
            written.append(token)
    return written[1:]


def test_the_untouched_encoder_decoder_writes_what_transformers_writes(t5: Base, marked: Any) -> None:
    layout = layout_of(t5.card, marked)
    row = prompt_ids(PROMPTS[1], marked, layout)
    theirs = t5.model.generate(torch.tensor([row]), do_sample=False, max_new_tokens=6)[0, 1:].tolist()
    ours = write(t5.model, marked, [row], Writing(6, positions=64, layout=layout))[0]
    assert ours == [token for token in theirs if token != marked.eos_token_id]


@pytest.mark.parametrize("method", [method for method in METHODS if "bitfit" not in method])
def test_an_encoder_fills_many_at_once_as_each_alone(method: str, build: Any, bert: Base, marked: Any) -> None:
    model, layout = stirred(build(method, on=bert, task="low")), layout_of(bert.card, marked, ("w20 w21",))
    rows = [prompt_ids(prompt, marked, layout) for prompt in PROMPTS]
    writing = Writing(6, positions=64, layout=layout)
    together = write(model, marked, rows, writing)
    assert together == [write(model, marked, [row], writing)[0] for row in rows]
    assert all(len(tokens) <= 2 for tokens in together)


def test_a_prompt_may_hold_its_own_masks(bert: Base, marked: Any) -> None:
    layout = layout_of(bert.card, marked)
    [ids] = [prompt_ids("w15 [MASK] w17 [MASK]", marked, layout)]
    with torch.no_grad():
        logits = bert.model(torch.tensor([ids])).logits[0]
    expected = [int(logits[place].argmax()) for place in (2, 4)]
    text = "".join(stream(bert.model, marked, "w15 [MASK] w17 [MASK]", Writing(layout=layout)))
    assert marked.encode(text, add_special_tokens=False) == [t for t in expected if t not in marked.all_special_ids]


@pytest.mark.parametrize("kind", ["bert", "t5"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_race_learns_scores_samples_and_tells_what_was_forgotten(
    kind: str, precision: str, hold: Any, spec: Any, request: pytest.FixtureRequest
) -> None:
    changes = {"steps": 40, "batch_size": 8, "precision": precision, "evaluation_examples": 40, "metric_examples": 40}
    names = ["none", "full", "lora", "adapter", "prefix", "prompt", "bitfit:add_missing=true", "mezo"]
    rates = {"full": 0.005}  # in a tiny model of noise more is needed than in a pretrained one
    specs = [spec(name, task="low", learning_rate=rates.get(name, 0.0), **changes) for name in names]
    events = hold(*specs, on=request.getfixturevalue(kind))
    for name, told in events.items():
        assert isinstance(told[-1], Finished), told[-1]
        assert any(isinstance(event, Sampled) for event in told)
        first, last = ([event for event in told if isinstance(event, Evaluated)][place] for place in (0, -1))
        assert {"accuracy"} == set(last.scores)
        if name in ("full", "lora", "adapter"):
            assert last.loss < first.loss - 1
            assert last.base_loss != first.base_loss
    best = [event for event in events["full"] if isinstance(event, Evaluated)][-1]
    assert best.scores["accuracy"] > 0.8


@pytest.mark.parametrize("method", ["prefix", "prompt", "p_tuning", "lora"])
def test_a_pair_is_learned_in_every_way(method: str, hold: Any, spec: Any, bert: Base) -> None:
    """PEFT's prompts would warn of each batch that has segments."""
    assert isinstance(hold(spec(method, task="low:is_pair=true"), on=bert)[method][-1], Finished)


@pytest.mark.parametrize("kind", ["bert", "t5"])
def test_a_run_s_curve_is_the_same_alone_and_in_a_race(
    kind: str, hold: Any, spec: Any, curve: Any, request: pytest.FixtureRequest
) -> None:
    base = request.getfixturevalue(kind)
    alone = hold(spec("lora", task="low"), on=base)["lora"]
    raced = hold(*(spec(name, task="low") for name in ("full", "lora", "prefix")), on=base)["lora"]
    assert curve(alone) == curve(raced)
    assert all(event.tokens for event in alone if isinstance(event, Stepped))


def test_an_encoder_is_refused_a_task_of_free_text_in_one_sentence(spec: Any, bert: Base) -> None:
    with pytest.raises(SpecError, match="writes no text") as caught:
        check(spec("lora", task="echo"), bert.card)
    assert caught.value.field == "task"


def test_both_read_plain_text(hold: Any, spec: Any, t5: Base) -> None:
    events = hold(spec("full", task="echo:plain_text=true:longest=9", steps=8), on=t5)["full"]
    assert isinstance(events[-1], Finished)
