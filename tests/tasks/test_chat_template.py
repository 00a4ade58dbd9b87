"""A chat becomes what the model's own template writes: prompt, target and end, worked out by hand."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import DataError
from workbench.tasks.chat_template import MOST_WORDS, Turn, lay_out, lays_out, turn_of
from workbench.tasks.contract import IGNORED, Chat, Record
from workbench.tasks.encode import DECODER, Encoded, Layout, encode, is_learned, written
from workbench.tasks.own_file import OwnFile
from workbench.tasks.scoring import score_answers
from workbench.tasks.token_view import look
from workbench.training.bench import asked_with

MESSAGES = "{% for message in messages %}"
CHATML = (
    MESSAGES + "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
GEMMA = (  # of Gemma 2, in its main lines
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    + MESSAGES
    + "{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}"
    "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)
LLAMA_2 = (
    MESSAGES + "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + message['content'] + ' [/INST]' }}"
    "{% else %}{{ ' ' + message['content'] + ' ' + eos_token }}{% endif %}{% endfor %}"
)
THINKING = CHATML.replace("assistant\n'", "assistant\n<think>\n'")
ENDS = {"eos_token": "<|im_end|>"}
IM = ("<|im_start|>", "<|im_end|>")
CHAT = [
    ("system", "Be kind."),
    ("user", "Hi"),
    ("assistant", "Hello!"),
    ("user", "Bye"),
    ("assistant", "See you."),
]
FIRST = "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
SECOND = FIRST + "Hello!<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n"

Talking = Callable[..., Any]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., OwnFile]:
    """A file of these chats, each a list of (role, content)."""

    def make(*chats: Sequence[tuple[str, str]]) -> OwnFile:
        path = tmp_path / "t.jsonl"
        rows = [{"messages": [{"role": role, "content": content} for role, content in chat]} for chat in chats]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return OwnFile(path=str(path))

    return make


def records_of(task: OwnFile) -> list[Record]:
    return task.records("train", 0, 0) + task.records("evaluation", 0, 0)


def other(number: int = 0) -> list[tuple[str, str]]:
    return [("user", f"Who {number}?"), ("assistant", f"Me {number}.")]


def asked(answer: str = "Hello!", *before: tuple[str, str]) -> Chat:
    return Chat((*before, ("user", "Hi")), answer, "t.jsonl, line 1")


def test_two_turns_behind_a_system_message_are_laid_out_by_the_template(talking: Talking, write: Any) -> None:
    tokenizer = talking(CHATML, IM, **ENDS)
    records = lay_out(records_of(write(CHAT, other())), tokenizer, DECODER)
    assert {(record.prompt, record.target, record.end) for record in records} == {
        (FIRST, "Hello!", ""),
        (SECOND, "See you.", ""),
        ("<|im_start|>user\nWho 0?<|im_end|>\n<|im_start|>assistant\n", "Me 0.", ""),
    }


def test_tokens_are_the_template_s_up_to_its_end_token_and_the_answer_is_learned(talking: Talking, write: Any) -> None:
    tokenizer = talking(CHATML, IM, **ENDS)
    records = lay_out(records_of(write(CHAT, other())), tokenizer, DECODER)
    example = encode(next(record for record in records if record.prompt == SECOND), tokenizer, 1000)
    messages = [{"role": role, "content": content} for role, content in CHAT]
    whole = tokenizer.apply_chat_template(messages, return_dict=False)
    assert [*example.ids, *tokenizer.encode("\n")] == whole
    learned = [label for label in example.labels if label != IGNORED]
    assert tokenizer.decode(learned) == "See you.<|im_end|>"
    assert example.ids.count(tokenizer.eos_token_id) == 5, "one for each message"


def test_a_beginning_mark_comes_once_and_an_end_mark_before_the_end_token(talking: Talking) -> None:
    tokenizer = talking(GEMMA, ["<start_of_turn>", "<end_of_turn>"], bos_token="<bos>", eos_token="<eos>")
    (record,) = lay_out([Record("", "", chat=asked())], tokenizer, DECODER)
    assert record.prompt == "<start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\n"
    assert (record.target, record.end) == ("Hello!", "<end_of_turn>")
    text = tokenizer.decode(encode(record, tokenizer, 1000).ids)
    assert text == f"<bos>{record.prompt}Hello!<end_of_turn><eos>"


def test_an_end_token_that_the_template_writes_is_not_doubled(talking: Talking) -> None:
    tokenizer = talking(LLAMA_2, bos_token="<s>", eos_token="</s>")
    assert turn_of(asked(), tokenizer) == Turn("<s>[INST] Hi [/INST]", " Hello!", " ", True)
    (record,) = lay_out([Record("", "", chat=asked())], tokenizer, DECODER)
    assert tokenizer.decode(encode(record, tokenizer, 1000).ids) == "<s>[INST] Hi [/INST] Hello! </s>"


def test_an_end_token_behind_the_whole_chat_stands_behind_the_end_of_the_turn(talking: Talking) -> None:
    """Phi's template writes it only where nothing is asked for."""
    template = CHATML.replace("{% endif %}", "{% else %}{{ eos_token }}{% endif %}")
    turn = turn_of(asked(), talking(template, IM, eos_token="<eos>"))
    assert (turn.target, turn.end, turn.is_ended) == ("Hello!", "<|im_end|>\n", True)


@pytest.mark.parametrize("answer", ["i", "im_end", "assistant", "I said: <|im_end|>"])
def test_an_answer_that_occurs_in_the_marks_is_found(talking: Talking, answer: str) -> None:
    for eos in ("<|im_end|>", "<eos>"):
        turn = turn_of(asked(answer), talking(CHATML, IM, eos_token=eos))
        assert (turn.target, turn.end) == (answer, "" if eos == "<|im_end|>" else "<|im_end|>")


def test_what_a_template_writes_before_an_answer_is_learned_with_it(talking: Talking) -> None:
    template = CHATML.replace(
        "message['content']",
        "('<think>\n\n</think>\n\n' if message['role'] == 'assistant' else '') + message['content']",
    )
    turn = turn_of(asked("Hello"), talking(template, IM, **ENDS))
    assert (turn.target, turn.end) == ("<think>\n\n</think>\n\nHello", "")


def test_an_answer_that_the_template_rewrites_loses_no_end_token(talking: Talking) -> None:
    tokenizer = talking(CHATML.replace("message['content']", "message['content'] | upper"), IM, **ENDS)
    turn = turn_of(asked(), tokenizer)
    assert (turn.target, turn.end, turn.is_ended) == ("HELLO!", "", True)


def test_where_the_day_is_written_it_is_always_the_same(talking: Talking) -> None:
    template = "{{ date_string if date_string is defined else strftime_now('%d %b %Y') }}\n" + CHATML
    assert turn_of(asked(), talking(template, IM, **ENDS)).prompt.startswith("26 Jul 2024\n")


@pytest.mark.parametrize("template", [None, "", THINKING, "no chat at all", "{{ messages[0]['content'] }}"])
def test_lines_stay_as_they_are_where_no_template_lays_chats_out(
    talking: Talking, write: Any, template: str | None
) -> None:
    tokenizer = talking(template, IM, **ENDS)
    assert not lays_out(tokenizer)
    records = records_of(write(CHAT, other()))
    laid_out = lay_out(records, tokenizer, DECODER)
    assert laid_out == records and not any(record.end for record in laid_out)
    assert {(record.prompt, record.target) for record in laid_out} == {
        ("System: Be kind.\nUser: Hi\nAssistant:", " Hello!"),
        ("System: Be kind.\nUser: Hi\nAssistant: Hello!\nUser: Bye\nAssistant:", " See you."),
        ("User: Who 0?\nAssistant:", " Me 0."),
    }


def test_what_is_no_chat_stays_as_it_is(talking: Talking) -> None:
    records = [Record("Hi", "Hello"), Record("", "text")]
    assert lay_out(records, talking(CHATML, IM, **ENDS), DECODER) == records


def test_a_role_that_the_template_refuses_is_told_with_file_line_and_its_own_words(
    talking: Talking, write: Any
) -> None:
    tokenizer = talking(GEMMA, bos_token="<bos>", eos_token="<eos>")
    with pytest.raises(DataError) as told:
        lay_out(records_of(write(other(), CHAT)), tokenizer, DECODER)
    assert str(told.value) == (
        "t.jsonl, line 2: the model's chat template refuses this chat (System role not supported). "
        "Its roles are system, user, assistant. Change the chat, or lay all out as lines with "
        "own_file:chat_template=false."
    )


def test_the_words_of_a_template_are_bounded_and_on_one_line(talking: Talking) -> None:
    tokenizer = talking("{{ raise_exception('no\n' * 100000) }}")
    with pytest.raises(DataError) as told:
        lay_out([Record("", "", chat=asked())], tokenizer, DECODER)
    assert "\n" not in str(told.value) and 0 < len(str(told.value)) - MOST_WORDS < 190
    assert "(no no no" in str(told.value)


EVIL = {
    "classes": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "globals": "{{ cycler.__init__.__globals__['os'].system('touch owned') }}",
    "a function's code": "{{ raise_exception.__globals__['json'] }}",
    "a format string": "{{ '{0.__class__.__mro__}'.format(messages) }}",
    "the messages": "{{ messages.append('more') }}",
    "a namespace": "{% set ns = namespace(__class__=1) %}",
}


@pytest.mark.parametrize("template", EVIL.values(), ids=EVIL)
def test_a_template_that_reaches_for_python_is_refused_in_a_sentence(
    talking: Talking, write: Any, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    task = write(CHAT, other())
    with pytest.raises(DataError) as told:
        lay_out(records_of(task), talking(CHATML + template, IM, **ENDS), DECODER)
    assert str(told.value).startswith("t.jsonl, line ")
    assert "the model's chat template refuses this chat (" in str(told.value)
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("template", ["{% for", "{{ 1 / 0 }}", "{{ nobody.knows }}", "{{ messages[99].role.x }}"])
def test_a_broken_template_is_one_sentence(talking: Talking, template: str) -> None:
    with pytest.raises(DataError, match=r"t\.jsonl, line 1: the model's chat template refuses this chat \(.+\)\. Its"):
        lay_out([Record("", "", chat=asked())], talking(template), DECODER)


def test_several_templates_without_a_usual_one_are_told(talking: Talking) -> None:
    tokenizer = talking(None)
    tokenizer.chat_template = {"one": CHATML, "two": CHATML}
    with pytest.raises(DataError, match="multiple chat templates with no default"):
        lay_out([Record("", "", chat=asked())], tokenizer, DECODER)
    tokenizer.chat_template = {"default": CHATML, "tool_use": "{{ raise_exception('no') }}"}
    assert turn_of(asked(), tokenizer).target == "Hello!"


def test_a_chat_that_the_template_writes_otherwise_with_its_answer_is_told(talking: Talking, write: Any) -> None:
    """Only this chat is: the one that the template is tried with has no system message."""
    template = MESSAGES + (  # Mistral's puts what the system says into the last question, which an answer makes earlier
        "{% set opening = messages[0]['content'] if loop.last and messages[0]['role'] == 'system' else '' %}"
        "{% if message['role'] == 'user' %}{{ '[INST]' + opening + message['content'] + '[/INST]' }}"
        "{% elif message['role'] == 'assistant' %}"
        "{{ message['content'] + eos_token }}{% endif %}{% endfor %}"
    )
    told = (
        "t.jsonl, line 2: the model's chat template does not write the answer behind the text that asks for it. It may "
        "move a system message or rewrite an earlier turn"
    )
    with pytest.raises(DataError, match=told):
        lay_out(records_of(write(other(), CHAT)), talking(template, IM, **ENDS), DECODER)


def test_a_chat_that_begins_with_an_answer_needs_a_message_before_it(talking: Talking, write: Any) -> None:
    task = write(other(), [("assistant", "Hello!")])
    with pytest.raises(DataError, match="t.jsonl, line 2: the chat begins with an answer"):
        lay_out(records_of(task), talking(CHATML, IM, **ENDS), DECODER)


def test_an_end_mark_alone_is_nothing_to_learn_and_a_cut_one_is_told(talking: Talking) -> None:
    tokenizer = talking(CHATML, IM, eos_token="<eos>")
    (record,) = lay_out([Record("", "", chat=asked("Hello!"))], tokenizer, DECODER)
    assert tokenizer.decode(written(record, tokenizer)) == "Hello!<|im_end|><eos>"
    assert look([record], tokenizer, len(written(record, tokenizer)) + 1).cut_targets == 0
    assert look([record], tokenizer, len(written(record, tokenizer)) - 1).cut_targets == 1
    end, eos = tokenizer.convert_tokens_to_ids(["<|im_end|>", "<eos>"])
    assert not is_learned(Encoded((5, end, eos), (IGNORED, end, eos), endings=(end,)), tokenizer)
    assert is_learned(Encoded((5, 6, end, eos), (IGNORED, 6, end, eos), endings=(end,)), tokenizer)


def test_every_answer_to_the_same_chat_is_right_in_any_layout(talking: Talking, write: Any) -> None:
    said = [("user", "Hi")]
    task = write([*said, ("assistant", "Hello!")], [*said, ("assistant", "Hey")], *(other(n) for n in range(9)))
    for template in (CHATML, None):
        records = [
            r for r in lay_out(records_of(task), talking(template, IM, **ENDS), DECODER) if "Who" not in r.prompt
        ]
        assert len(records) == 2
        assert score_answers(task, records, ["Hey", "Hello!"])["exact_match"] == 1


def test_worked_examples_are_earlier_turns(talking: Talking, write: Any) -> None:
    tokenizer = talking(CHATML, IM, **ENDS)
    records = lay_out(records_of(write(CHAT, other())), tokenizer, DECODER)
    (first,) = [record for record in records if record.prompt == FIRST]
    (who,) = [record for record in records if "Who" in record.prompt]
    (shown,) = asked_with([first], [who], tokenizer, DECODER)
    assert shown.prompt == (
        "<|im_start|>system\nBe kind.<|im_end|>\n"
        "<|im_start|>user\nWho 0?<|im_end|>\n<|im_start|>assistant\nMe 0.<|im_end|>\n"
        "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    )
    (shown,) = asked_with([who], [first], tokenizer, DECODER)
    assert "system" not in shown.prompt, "a template takes what the system says at the start alone"


def test_a_head_and_an_encoder_answer_with_the_label_behind_the_template_s_prompt(talking: Talking) -> None:
    tokenizer = talking(CHATML, IM, cls_token="<|im_start|>", **ENDS)
    record = Record("User: Hi\nAssistant:", " good", chat=asked("good"))
    (read,) = lay_out([record], tokenizer, Layout(labels=(" bad", " good")))
    assert (read.prompt, read.target, read.end) == (
        "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
        " good",
        "",
    )
    assert encode(read, tokenizer, 1000, Layout(labels=(" bad", " good"))).labels[-1] == 1
    (filled,) = lay_out([record], tokenizer, Layout("encoder"))
    assert filled.prompt.startswith("user\nHi") and filled.target == " good"
