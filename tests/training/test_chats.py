"""A race on chats: everything that is learned, asked, shown and written down is the model's own template's."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.errors import DataError
from workbench.events import Evaluated, Failed, Finished, Sampled, Stepped
from workbench.jobs.kinds import look
from workbench.jobs.warmth import Warmth
from workbench.models.load import load_base
from workbench.spec import Budget, Choice, RunSpec, parse_choice
from workbench.training.bench import set_up
from workbench.training.check import check
from workbench.training.data_files import write_data_files
from workbench.training.lint import lint
from workbench.training.race import race

PROMPT = "<|im_start|>system\nbe kind<|im_end|>\n<|im_start|>user\nwhere is cat {}<|im_end|>\n<|im_start|>assistant\n"
REFUSES = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
BUDGET = Budget(steps=1, batch_size=2, evaluation_examples=2, metric_examples=2, precision="float32")

SpecOf = Callable[..., RunSpec]


@pytest.fixture
def spec_of(write_talker: Callable[..., tuple[Path, Path]]) -> SpecOf:
    """A spec of one step on chats, on a tiny model with this chat template."""

    def make(*template: str, method: str = "lora", **changes: str) -> RunSpec:
        folder, chats = write_talker(*template, **changes)
        task = Choice("own_file", {"path": str(chats)})
        return RunSpec(model=str(folder), task=task, method=parse_choice(method), budget=BUDGET)

    return make


def is_asked(prompt: str) -> bool:
    return prompt in {PROMPT.format(number) for number in range(20)}


def test_a_step_and_its_samples_and_scores_see_the_template_s_text(spec_of: SpecOf) -> None:
    events = list(race([spec_of()]))
    assert [event.step for event in events if isinstance(event, Stepped)] == [1]
    assert isinstance(events[-1], Finished)
    samples = [sample for event in events if isinstance(event, Sampled) for sample in event.samples]
    assert samples and all(is_asked(sample["prompt"]) and sample["target"] == "on mat" for sample in samples)
    assert all("exact_match" in event.scores for event in events if isinstance(event, Evaluated))


def test_what_is_learned_is_the_answer_and_its_end(spec_of: SpecOf) -> None:
    spec = spec_of()
    base = load_base(spec.model)
    bench = set_up(check(spec), base)
    for example in bench.examples:
        text, learned = base.tokenizer.decode(example.ids), [label for label in example.labels if label != -100]
        assert text.split()[:2] == ["<s>", "<|im_start|>"] and text.count("<s>") == 1
        assert base.tokenizer.decode(learned) == "on mat <|im_end|>"


def test_lint_and_the_look_at_the_data_tell_and_show_it(spec_of: SpecOf) -> None:
    spec = spec_of()
    told = "This model has a chat template of its own (ChatML); chats are laid out by it."
    assert lint(check(spec)) == (told,)
    (seen,) = [message for message in look({"spec": spec.to_json()}, Warmth()) if message]
    assert told in seen["sentences"]
    assert all(is_asked(record["prompt"]) and record["target"] == "on mat" for record in seen["records"])
    tokens = seen["records"][0]["tokens"]
    assert [text for text, learned, _ in tokens if learned] == ["on", "mat", "<|im_end|>"]


def test_the_data_files_hold_what_a_plain_program_is_to_learn(spec_of: SpecOf, tmp_path: Path) -> None:
    write_data_files(spec_of(end="</s>"), tmp_path / "data")
    rows = [json.loads(line) for line in (tmp_path / "data" / "training.jsonl").read_text().splitlines()]
    assert {row["target"] for row in rows} == {"on mat<|im_end|>"} and all(is_asked(row["prompt"]) for row in rows)
    asked = (tmp_path / "data" / "evaluation.jsonl").read_text().splitlines()
    assert asked and all(is_asked(json.loads(line)["prompt"]) for line in asked)


def test_worked_examples_are_earlier_turns_in_the_data_files_too(spec_of: SpecOf, tmp_path: Path) -> None:
    write_data_files(spec_of(method="none:examples=1"), tmp_path / "data")
    row = json.loads((tmp_path / "data" / "evaluation.jsonl").read_text().splitlines()[0])
    assert row["prompt"].count("be kind") == 1 and row["prompt"].count("<|im_start|>assistant\non mat<|im_end|>\n") == 1


def test_worked_examples_are_earlier_turns_where_answers_are_scored(spec_of: SpecOf) -> None:
    spec = spec_of(method="none:examples=1")
    questions = set_up(check(spec), load_base(spec.model)).questions(shots=1)
    assert questions.posed and all(is_asked(record.prompt) for record in questions.scored)
    for posed in questions.posed:
        assert posed.prompt.count("be kind") == 1 and posed.prompt.count("<|im_start|>assistant") == 2


def test_the_end_of_a_turn_ends_an_answer_too(spec_of: SpecOf) -> None:
    """So an untouched base writes no further turn."""
    spec = spec_of(end="</s>")
    base = load_base(spec.model)
    assert set_up(check(spec), base).ends == (base.tokenizer.convert_tokens_to_ids("<|im_end|>"),)
    assert set_up(check(spec_of()), load_base(spec.model)).ends == (), "the end token ends it in any case"


def test_a_template_that_refuses_stops_the_race_in_a_sentence(spec_of: SpecOf) -> None:
    spec = spec_of(before=REFUSES)
    told = r"chats\.jsonl, line \d+: the model's chat template refuses this chat \(System role not supported\)\. "
    with pytest.raises(DataError, match=told):
        lint(check(spec))
    with pytest.raises(DataError, match=told):
        assert not [event for event in race([spec]) if not isinstance(event, Failed)]


def test_a_model_without_a_template_reads_lines(spec_of: SpecOf) -> None:
    spec = spec_of("")
    samples = [sample for event in race([spec]) if isinstance(event, Sampled) for sample in event.samples]
    asked = {f"System: be kind\nUser: where is cat {number}\nAssistant:" for number in range(20)}
    assert samples and all(sample["prompt"] in asked and sample["target"] == " on mat" for sample in samples)
    lines = "chats are laid out as lines that begin with System:, User:, Assistant:."
    assert lint(check(spec)) == (f"This model has no chat template; {lines}",)


def test_lines_may_be_wanted_where_a_template_would_refuse(spec_of: SpecOf) -> None:
    spec = spec_of(before=REFUSES)
    by_lines = replace(spec, task=Choice("own_file", {**spec.task.knobs, "chat_template": False}))
    samples = [sample for event in race([by_lines]) if isinstance(event, Sampled) for sample in event.samples]
    assert samples and all(sample["prompt"].startswith("System: be kind\nUser: where is cat ") for sample in samples)
    (told,) = lint(check(by_lines))
    own = "This model has a chat template of its own (ChatML), but as asked for chats are laid out as lines"
    assert told.startswith(own)


def test_a_head_reads_the_template_s_prompt(spec_of: SpecOf, tmp_path: Path) -> None:
    spec = spec_of()
    turns = [[("user", f"is cat {n}"), ("assistant", ("dog", "bird")[n % 2])] for n in range(20)]
    rows = [{"messages": [{"role": role, "content": content} for role, content in chat]} for chat in turns]
    (tmp_path / "chats.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    by_head = RunSpec(spec.model, spec.task, spec.method, Choice("classification"), BUDGET)
    events = list(race([by_head]))
    assert isinstance(events[-1], Finished)
    samples = [sample for event in events if isinstance(event, Sampled) for sample in event.samples]
    assert all(sample["prompt"].startswith("<|im_start|>user\nis cat ") for sample in samples)
    assert {sample["text"] for sample in samples} <= {"dog", "bird"}
