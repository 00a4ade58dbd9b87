import itertools
import logging
import sys

import pytest
import torch

from workbench.errors import SpecError, StorageError, WorkbenchError
from workbench.events import (
    Checkpointed,
    Evaluated,
    Failed,
    Finished,
    Measured,
    Sampled,
    Started,
    Stepped,
    Stopped,
)
from workbench.history import fold
from workbench.methods import METHODS
from workbench.methods.full import FullFineTuning
from workbench.metrics import TEXT
from workbench.tasks import TASKS
from workbench.training.race import race, train


def steps_of(events):
    return [(event.run, event.step) for event in events if isinstance(event, Stepped)]


def test_a_run_tells_its_whole_story_in_order(hold, spec):
    events = hold(spec("lora"))["lora"]
    kinds = [(type(event), event.step) for event in events]
    assert kinds[:4] == [(Started, 0), (Evaluated, 0), (Measured, 0), (Sampled, 0)]
    assert kinds[-5:] == [(Stepped, 4), (Evaluated, 4), (Measured, 4), (Sampled, 4), (Finished, 4)]
    assert [event.seq for event in events] == list(range(len(events)))
    seconds = [event.seconds for event in events]
    assert seconds == sorted(seconds)


def test_a_run_tells_what_it_is(hold, spec):
    started = hold(spec("lora:rank=2", learning_rate=0.0))["lora"][0]
    method, added = METHODS["lora"](rank=2), 2 * 2 * (2 * (32 + 32) + 2 * (32 + 16) + 3 * (32 + 48))
    assert started.steps == 4
    assert started.counts["trainable"] == started.counts["added"] == added
    assert started.counts["percent"] == pytest.approx(100 * added / started.counts["total"])
    assert 0 < started.learning_rate <= method.default_learning_rate.__globals__["LEARNING_RATE"]
    assert (started.device, started.precision) == ("cpu", "float32")


def test_runs_take_turns_step_by_step(spec, base):
    events = list(race([spec("full"), spec("lora")], ["a", "b"], base=base))
    assert steps_of(events) == [(run, step) for step in range(1, 5) for run in ("a", "b")]


def test_every_run_sees_the_same_batches_and_questions(build):
    runs = [build(method) for method in ("full", "lora", "prompt", "none")]
    batches = [[[part.ids.tolist() for part in batch] for batch in run.batches()] for run in runs]
    assert batches[0] == batches[1] == batches[2] == batches[3]
    questions = [[batch.ids.tolist() for batch in run.questions.batches] for run in runs]
    assert questions[0] == questions[1] == questions[2] == questions[3]
    domains = [[batch.ids.tolist() for batch in run.bench.base_batches] for run in runs]
    assert domains[0] == domains[1] == domains[2] == domains[3]


def test_what_is_asked_is_the_same_for_every_seed_and_what_is_learned_is_not(build):
    first, second = build("full", seed=0), build("full", seed=1)
    assert [b.ids.tolist() for b in first.questions.batches] == [b.ids.tolist() for b in second.questions.batches]
    assert next(first.batches())[0].ids.tolist() != next(second.batches())[0].ids.tolist()


@pytest.mark.parametrize("method", ["full", "lora:dropout=0.3", "prompt"])
def test_the_same_seed_gives_the_same_curve(hold, spec, curve, method):
    first, again = (list(hold(spec(method)).values())[0] for _ in range(2))
    other = list(hold(spec(method, seed=5)).values())[0]
    assert curve(first) == curve(again) != curve(other)
    assert [e.loss for e in first if isinstance(e, Evaluated)] == [e.loss for e in again if isinstance(e, Evaluated)]


def test_a_run_is_the_same_alone_and_in_a_race(hold, spec, curve):
    one = spec("lora:dropout=0.3")
    alone = hold(one)["lora"]
    beside = hold(spec("full"), one, spec("prefix"))["lora"]
    assert curve(alone) == curve(beside)


def test_training_on_a_model_with_dropout_repeats(hold, spec, curve, gpt2):
    first, again = (hold(spec("full"), on=gpt2)["full"] for _ in range(2))
    assert curve(first) == curve(again)


def test_training_learns(hold, spec):
    events = hold(spec("full", task="echo:longest=2", steps=40, learning_rate=1e-2))["full"]
    history = fold(events)
    assert history.evaluations[-1][1] < 0.8 * history.evaluations[0][1]
    assert history.state == "finished"
    assert len(history.losses) == 40
    assert history.forgetting["after"] > history.forgetting["before"]


def test_runs_that_start_at_the_base_measure_the_same_at_step_0(hold, spec):
    events = hold(*(spec(method, steps=1) for method in ("none", "full", "lora", "adapter")))
    starts = [next(e for e in heard if isinstance(e, Evaluated)) for heard in events.values()]
    assert len({(start.loss, start.base_loss, start.scores["exact"]) for start in starts}) == 1


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_every_run_is_held_against_the_untouched_base(hold, spec, precision):
    events = hold(*(spec(method=name, precision=precision) for name in ("none", "prefix", "scratch")))
    none, prefix, scratch = map(fold, events.values())
    assert none.forgetting["before"] == prefix.forgetting["before"] == scratch.forgetting["before"]
    assert none.forgotten == 0.0
    assert prefix.forgetting["before"] != prefix.base_losses[0][1]
    assert scratch.forgotten == scratch.base_losses[-1][1] - none.base_losses[0][1]


def test_none_only_looks(hold, spec):
    events = hold(spec("none"))["none"]
    assert [type(event) for event in events] == [Started, Evaluated, Measured, Sampled, Finished]
    assert events[1].scores.keys() == {"exact"}


@pytest.mark.parametrize("has_libraries", [True, False])
def test_the_metrics_of_a_task_stand_beside_its_scores(hold, spec, monkeypatch, has_libraries):
    """Where their libraries are not installed, training goes on and only what they compute is left out."""
    monkeypatch.setattr(TASKS["echo"], "metrics", TEXT)
    if not has_libraries:
        for package in ("sacrebleu.metrics.bleu", "sacrebleu.metrics.chrf", "rouge_score.rouge_scorer"):
            monkeypatch.setitem(sys.modules, package, None)
    events = hold(spec("lora"))["lora"]
    scores = [event.scores for event in events if isinstance(event, Evaluated) and event.scores]
    expected = TEXT if has_libraries else ("exact_match", "distinct1", "distinct2")
    assert [list(score) for score in scores] == [["exact", *expected]] * 2
    assert isinstance(events[-1], Finished)


def test_none_with_examples_reads_them_before_every_prompt(build, base):
    run = build("none:examples=2")
    first, second = run.bench.examples.records[:2]
    record, plain = run.questions.shown[0], build("none").questions.shown[0]
    assert record.prompt == f"{first.prompt}{first.target}\n\n{second.prompt}{second.target}\n\n{plain.prompt}"
    assert record.target == plain.target


def test_answers_are_held_against_the_question_without_the_worked_examples(build, base):
    """A score that reads the prompt, as that of `describe` does, must not ask for what the examples tell."""
    shown, plain = build("none:examples=2").questions, build("none").questions
    assert shown.scored == plain.scored == plain.posed != []
    assert all(
        posed.prompt.endswith(f"\n\n{asked.prompt}") for posed, asked in zip(shown.posed, shown.scored, strict=True)
    )


def test_samples_show_prompt_answer_and_target(hold, spec):
    sampled = [event for event in hold(spec("full"))["full"] if isinstance(event, Sampled)]
    assert [event.step for event in sampled] == [0, 2, 4]
    assert len(sampled[0].samples) == 5
    assert {tuple(sample) for event in sampled for sample in event.samples} == {("prompt", "text", "target")}
    assert [s["prompt"] for s in sampled[0].samples] == [s["prompt"] for s in sampled[2].samples]


def test_a_plain_text_is_shown_with_its_opening_as_the_prompt_and_is_not_scored(hold, spec):
    events = hold(spec("full", task="echo:plain_text=true:longest=20", steps=1))["full"]
    evaluated = next(event for event in events if isinstance(event, Evaluated))
    sample = next(event for event in events if isinstance(event, Sampled)).samples[0]
    assert evaluated.scores == {}
    assert sample["prompt"].split() + sample["target"].split() != []
    assert all(word.startswith("w") for word in (sample["prompt"] + sample["target"]).split())


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize(
    "method",
    [
        "full",
        "lora:dropout=0.3",
        "prefix",
        "mam",
        "adamix:adapters=3",
        "longlora:group=4",
        "gradual_unfreezing",
        "mezo",
        "lomo",
        "autoprompt:tokens=3",
        "prompt_mixture:prompts=2:virtual_tokens=3",
        "adalora:rank=1:start_rank=3",
    ],
)
def test_resuming_gives_the_curve_of_an_unbroken_run(hold, spec, store, curve, method, precision):
    one = spec(method, steps=6, checkpoint_every=2, batch_size=7, precision=precision)
    whole_store = store()
    (whole,) = hold(one, stores=[whole_store]).values()
    assert sorted(whole_store.states) == [2, 4, 6]
    (rest,) = hold(one, stores=[store(whole_store.states[2])], first_seqs=[90]).values()
    assert curve(rest) == curve(whole)[2:]
    assert rest[0].resumed_from == 2
    assert [event.seq for event in rest] == list(range(90, 90 + len(rest)))
    assert [e.loss for e in rest if isinstance(e, Evaluated)] == [e.loss for e in whole if isinstance(e, Evaluated)][3:]
    assert rest[-1].seconds > next(e for e in whole if isinstance(e, Checkpointed)).seconds


def test_the_words_that_were_learned_are_told_at_the_end(hold, spec, store, base):
    one, kept = spec("autoprompt:tokens=3"), store()
    (events,) = hold(one, stores=[kept]).values()
    ended = events[-1]
    tokens = base.tokenizer.convert_tokens_to_ids(ended.words.split())
    assert tokens == kept.states[4].tensors["memory/trigger"].tolist()
    prompt = kept.states[4].tensors["movable/prompt_encoder.default.embedding.weight"]
    assert torch.equal(prompt, base.model.get_input_embeddings().weight[tokens])


def test_resuming_keeps_the_dropout_of_the_base(hold, spec, store, curve, gpt2):
    one, kept = spec("full", steps=4, checkpoint_every=2), store()
    whole = hold(one, on=gpt2, stores=[kept])["full"]
    rest = hold(one, on=gpt2, stores=[store(kept.states[2])])["full"]
    assert curve(rest) == curve(whole)[2:]


def test_seq_goes_on_after_the_checkpoint_where_no_journal_is_further(hold, spec, store):
    one, kept = spec("full", checkpoint_every=2), store()
    whole = hold(one, stores=[kept])["full"]
    rest = hold(one, stores=[store(kept.states[2])])["full"]
    at_checkpoint = next(event for event in whole if isinstance(event, Checkpointed)).seq
    assert rest[0].seq == at_checkpoint


def test_a_finished_state_only_finishes(hold, spec, store, curve):
    one, kept = spec("full"), store()
    hold(one, stores=[kept])
    again = store(kept.states[4])
    events = hold(one, stores=[again])["full"]
    assert [type(event) for event in events] == [Started, Finished]
    assert again.artifacts == ["full"]


def test_a_state_of_another_run_is_refused_with_a_sentence(hold, spec, store):
    kept = store()
    hold(spec("full"), stores=[kept])
    failed = hold(spec("lora"), stores=[store(kept.states[4])])["lora"][-1]
    assert isinstance(failed, Failed)
    assert "does not fit" in failed.error


def test_stopping_leaves_a_checkpoint_and_the_others_go_on(hold, spec, store, curve):
    stores = [store(), store()]
    asked = {"full": itertools.count(1), "lora": itertools.count(1)}
    events = hold(
        spec("full"),
        spec("lora"),
        stores=stores,
        should_stop=lambda run: run == "full" and next(asked[run]) == 3,
    )
    assert [type(event) for event in events["full"][-2:]] == [Checkpointed, Stopped]
    assert events["full"][-1].step == 3
    assert list(stores[0].states) == [3]
    assert isinstance(events["lora"][-1], Finished)
    rest = hold(spec("full"), stores=[store(stores[0].states[3])])["full"]
    assert len(curve(rest)) == 1


class Exploding(FullFineTuning):
    """Full fine-tuning whose weights stop being numbers after the second step."""

    name = "exploding"

    def on_progress(self, tuned, done):
        if done >= 0.5:
            with torch.no_grad():
                next(iter(tuned.movable.values())).fill_(torch.nan)


def test_a_diverging_run_fails_with_a_sentence_and_the_others_go_on(hold, spec, monkeypatch):
    monkeypatch.setitem(METHODS._parts, "exploding", Exploding)
    events = hold(spec("exploding", learning_rate=0.01), spec("lora"))
    failed = events["exploding"][-1]
    assert isinstance(failed, Failed)
    assert "NaN or infinite in step 3" in failed.error
    assert "lower rate, 0.0005" in failed.hint
    assert isinstance(events["lora"][-1], Finished)


class Breaking(FullFineTuning):
    """Full fine-tuning that raises what it is told before its second step."""

    error: Exception = WorkbenchError("No more.", "Try another day.")

    def on_progress(self, tuned, done):
        if done > 0:
            raise self.error


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (WorkbenchError("No more.", "Try another day."), "No more."),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), "The computer has too little memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "too little memory"),
        (KeyError("surprise"), "Something unexpected went wrong (KeyError: 'surprise')"),
    ],
)
def test_a_failing_run_says_why_and_leaves_the_others(hold, spec, monkeypatch, caplog, error, sentence):
    monkeypatch.setitem(METHODS._parts, "breaking", type("B", (Breaking,), {"name": "breaking", "error": error}))
    with caplog.at_level(logging.ERROR):
        events = hold(spec("breaking"), spec("lora"))
    failed = events["breaking"][-1]
    assert isinstance(failed, Failed)
    assert sentence in failed.error
    assert failed.step == 1
    assert isinstance(events["lora"][-1], Finished)
    assert bool(caplog.records) == ("unexpected" in sentence)


def test_a_full_disk_fails_its_run_alone(hold, spec, store):
    full = store()
    full.save_checkpoint = lambda step, state: (_ for _ in ()).throw(StorageError("The disk is full."))
    events = hold(spec("full"), spec("lora"), stores=[full, store()])
    assert events["full"][-1].error == "The disk is full."
    assert isinstance(events["lora"][-1], Finished)


def test_ctrl_c_is_left_to_the_caller(spec, base):
    def press(run):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(train(spec("full"), base=base, should_stop=press))


def test_what_cannot_work_is_said_before_anything_starts(spec, base):
    with pytest.raises(SpecError, match="full"):
        race([spec("ful")], base=base)
    with pytest.raises(SpecError, match="seed of lora"):
        race([spec("full"), spec("lora", seed=1)], base=base)
    with pytest.raises(SpecError, match="budget of lora"):
        race([spec("full"), spec("lora", steps=5)], base=base)
    with pytest.raises(SpecError, match="different"):
        race([spec("full"), spec("lora")], ["a", "a"], base=base)


def test_rates_may_differ_in_a_race(spec, base):
    events = list(race([spec("full", learning_rate=rate) for rate in (1e-3, 1e-4)], base=base))
    assert {event.run: event.learning_rate for event in events if isinstance(event, Started)} == {
        "1-full": 1e-3,
        "2-full": 1e-4,
    }


def test_a_runs_seconds_leave_out_the_other_runs(spec, base, monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr("workbench.training.build.perf_counter", lambda: float(next(clock)))
    both = list(race([spec("full"), spec("lora")], ["a", "b"], base=base))
    spent = {run: max(event.seconds for event in both if event.run == run) for run in "ab"}
    assert sum(spent.values()) <= next(clock)
