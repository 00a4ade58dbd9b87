"""A classification head: what it reads, learns and answers, held against transformers' own states."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from workbench.errors import SpecError
from workbench.events import Evaluated, Sampled, Started
from workbench.methods.head import head_of
from workbench.models.load import Base
from workbench.spec import Choice, RunSpec
from workbench.tasks.contract import Record
from workbench.tasks.encode import Encoded, Layout, encode, layout_of
from workbench.training.batches import collate
from workbench.training.bench import set_up
from workbench.training.build import Run, Scribe, build_run
from workbench.training.check import check
from workbench.training.evaluate import labelled_logits, mean_loss
from workbench.training.generate import Writing, answers, prompt_ids, stream, write
from workbench.training.step import take_step

LABELS = ("w15", "w16")
RECORDS = [Record("w15 w16 w17", "w16"), Record("w18 w19 w20 w21 w22", "w15"), Record("w30 w31", "w16", cut=4)]
KINDS = ["base", "bert", "t5"]
METHODS = ["full", "feature_based", "lora", "adapter", "prefix", "prompt", "p_tuning"]


@pytest.fixture
def by_head(spec: Callable[..., RunSpec]) -> Callable[..., RunSpec]:
    """A spec of the task `low` that a head answers."""
    return lambda method="full", task="low", **changes: replace(
        spec(method, task=task, **changes), objective=Choice("classification")
    )


@pytest.fixture
def headed(by_head: Callable[..., RunSpec]) -> Callable[..., Run]:
    """Builds a run with a head without starting it."""

    def make(method: str, on: Base, **changes: Any) -> Run:
        checked = check(by_head(method, **changes), on.card)
        return build_run(checked, set_up(checked, on), Scribe("run"))

    return make


def layout(base: Base) -> Layout:
    return layout_of(replace(base.card, labels=2), base.tokenizer, LABELS)


def encoded(base: Base) -> list[Encoded]:
    return [encode(record, base.tokenizer, 32, layout(base)) for record in RECORDS]


def test_only_the_prompt_is_read(base: Base, bert: Base, t5: Base) -> None:
    said = [base.tokenizer.decode(one.ids) for one in encoded(base)]
    assert said[0] == "<bos> w15 w16 w17" and encoded(base)[0].labels == (-100, -100, -100, 1)
    read = encoded(bert)
    assert [bert.tokenizer.decode(one.ids) for one in read] == [
        "[CLS] w15 w16 w17 [SEP]",
        "[CLS] w18 w19 w20 w21 w22 [SEP]",
        "[CLS] w30 [SEP] w31 [SEP]",
    ]
    assert read[1].labels == (0,) * 7 and read[2].segments == (0, 0, 0, 1, 1)
    asked = encoded(t5)[0]
    assert (t5.tokenizer.decode(asked.source), asked.ids, asked.labels) == ("w15 w16 w17 </s>", (0,), (1,))
    assert all(one.targets == 1 for base in (base, bert, t5) for one in encoded(base))


def test_a_long_prompt_loses_its_start(base: Base, bert: Base) -> None:
    cut = encode(RECORDS[1], base.tokenizer, 3, layout(base))
    assert (base.tokenizer.decode(cut.ids), cut.labels, cut.truncated) == ("<bos> w21 w22", (-100, -100, 0), 3)
    assert bert.tokenizer.decode(encode(RECORDS[1], bert.tokenizer, 4, layout(bert)).ids) == "[CLS] w21 w22 [SEP]"


def states_of(base: Base, one: Encoded) -> torch.Tensor:
    """What transformers' own body makes of one example, as its output head would read it: (time, width)."""
    model: Any = base.model
    with torch.no_grad():
        if base.card.kind == "encoder_decoder":
            out = model.model if hasattr(model, "model") else model
            found = out(
                torch.tensor([one.source]), decoder_input_ids=torch.tensor([one.ids]), output_hidden_states=True
            )
            return found.decoder_hidden_states[-1][0] * base.card.width**-0.5  # T5 scales where its head is tied
        types = {"token_type_ids": torch.tensor([one.segments])} if one.segments else {}
        out = model.base_model(torch.tensor([one.ids]), **types).last_hidden_state[0]
        return model.cls.predictions.transform(out) if base.card.kind == "encoder" else out


@pytest.mark.parametrize("kind", KINDS)
def test_the_head_reads_the_state_that_its_kind_of_model_has_for_it(
    kind: str, headed: Any, request: pytest.FixtureRequest
) -> None:
    base = request.getfixturevalue(kind)
    run = headed("feature_based", base)
    head = head_of(run.tuned.model)
    examples = encoded(base)
    with torch.no_grad():
        ours = labelled_logits(run.tuned.model.eval(), collate(examples, 0, torch.device("cpu")))  # padded
        states = [states_of(base, one) for one in examples]
        pooled = [one.mean(0) if kind == "bert" else one[-1] for one in states]
        expected = torch.stack(pooled) @ head.weight.T + head.bias
    assert ours.shape == (3, 2)
    assert torch.allclose(ours, expected, atol=1e-5), (ours - expected).abs().max()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", METHODS)
def test_answers_are_labels_the_same_together_and_alone(
    method: str, kind: str, headed: Any, request: pytest.FixtureRequest
) -> None:
    base = request.getfixturevalue(kind)
    run = headed(method, base)
    with torch.no_grad():
        for parameter in run.tuned.movable.values():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(3)))
    model, tokenizer, read = run.tuned.model, base.tokenizer, layout(base)
    rows = [prompt_ids(record.prompt, tokenizer, read, record.cut) for record in RECORDS]
    together = write(model, tokenizer, rows, Writing(positions=64, layout=read))
    assert together == [write(model, tokenizer, [row], Writing(positions=64, layout=read))[0] for row in rows]
    # Who knows nothing of the head's labels is told by the model; the loss's own logits give the same answers.
    prompts = [record.prompt for record in RECORDS[:2]]
    words = Writing(positions=64, layout=layout_of(base.card, tokenizer))
    assert answers(model, tokenizer, prompts, words) == ["".join(stream(model, tokenizer, p, words)) for p in prompts]
    with torch.no_grad():
        best = labelled_logits(model.eval(), collate(encoded(base)[:2], 0, torch.device("cpu"))).argmax(-1)
    assert answers(model, tokenizer, prompts, words) == [LABELS[number] for number in best]


@pytest.mark.parametrize("kind", KINDS)
def test_a_race_by_head_learns_and_tells_what_was_forgotten(
    kind: str, hold: Any, by_head: Any, request: pytest.FixtureRequest
) -> None:
    changes = {"steps": 60, "batch_size": 8, "evaluation_examples": 40, "metric_examples": 40, "learning_rate": 0.01}
    names, base = ["full", "lora", "feature_based"], request.getfixturevalue(kind)
    held = hold(*(by_head(name, **changes) for name in names), on=base)
    starts = {}
    for name in names:
        started = next(event for event in held[name] if isinstance(event, Started))
        first, *_, last = [event for event in held[name] if isinstance(event, Evaluated)]
        assert first.loss == pytest.approx(0.693, abs=0.25)  # log 2: by chance
        assert first.base_loss == pytest.approx(started.base_loss, rel=1e-4)  # of words, as the base itself
        starts[name] = first.loss
        texts = [sample["text"] for event in held[name] if isinstance(event, Sampled) for sample in event.samples]
        assert set(texts) <= set(LABELS)
        if name != "feature_based":
            assert last.loss < 0.8 * first.loss and last.scores["accuracy"] > 0.7
            assert last.base_loss != first.base_loss
        else:
            assert last.loss < first.loss and last.base_loss == pytest.approx(started.base_loss, rel=1e-4)
    assert len({round(loss, 6) for loss in starts.values()}) == 1  # all begin with the same head


@pytest.mark.parametrize(
    "method",
    [
        "mezo",
        "lomo",
        "scratch",
        "gradual_unfreezing",
        "full:l2_sp=0.1:mixout=0.3:smart=0.1",
        "bitfit:add_missing=true",
        "last_layers",
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_other_ways_of_moving_move_the_head_too(
    method: str, kind: str, headed: Any, request: pytest.FixtureRequest
) -> None:
    run = headed(method, request.getfixturevalue(kind))
    before = head_of(run.tuned.model).weight.clone()
    for batch in run.batches():
        run.checked.method.on_progress(run.tuned, 1.0)
        take_step(run, batch, 0.01)
        run.step += 1
    assert not torch.equal(head_of(run.tuned.model).weight, before)


def test_the_loss_is_nats_per_example(headed: Any, bert: Base) -> None:
    run = headed("full", bert)
    batch = collate(encoded(bert), 0, torch.device("cpu"))
    logits = labelled_logits(run.tuned.model.eval(), batch)
    chances = torch.softmax(logits, -1)[range(3), [1, 0, 1]]
    loss = mean_loss(run.tuned.model, [batch], run.checked.objective, run.bench.device)
    assert loss == pytest.approx(float(-chances.detach().log().mean()), rel=1e-5)


def test_a_stopped_run_goes_on_as_if_it_had_not(hold: Any, by_head: Any, store: Any, bert: Base, curve: Any) -> None:
    whole = curve(hold(by_head("lora", steps=6, checkpoint_every=3), on=bert)["lora"])
    kept = store()
    hold(by_head("lora", steps=6, checkpoint_every=3), on=bert, stores=[kept])
    rest = hold(by_head("lora", steps=6, checkpoint_every=3), on=bert, stores=[store(kept.states[3])])
    assert curve(rest["lora"]) == whole[3:]


def test_what_a_head_cannot_do_is_said(by_head: Any, base: Base, bert: Base) -> None:
    with pytest.raises(SpecError, match="A classification head chooses among a few labels"):
        check(by_head("full", task="echo"), base.card)
    with pytest.raises(SpecError, match="A new head is random until it is trained"):
        check(by_head("none"), bert.card)


def test_numbers_of_the_head_are_counted(by_head: Any, base: Base) -> None:
    words, head = (
        check(replace(by_head("lora"), objective=Choice("language_modelling")), base.card),
        check(by_head("lora"), base.card),
    )
    assert head.anatomy.added - words.anatomy.added == base.card.width * 2 + 2
    assert head.anatomy.checkpoint_bytes - words.anatomy.checkpoint_bytes == 4 * (base.card.width * 2 + 2)
