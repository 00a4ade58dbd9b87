"""Odd roles, foreign chat marks and lost targets are told before a race, with how many and where."""

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import DataError
from workbench.tasks.chat_lint import lint_text
from workbench.tasks.chat_template import lay_out
from workbench.tasks.contract import Chat, Record
from workbench.tasks.encode import DECODER
from workbench.tasks.own_file import OwnFile
from workbench.tasks.token_view import look

USER, ASSISTANT, SYSTEM, TOOL = "user", "assistant", "system", "tool"


def chats(path: Path, *roles: list[str]) -> OwnFile:
    """A file of chats with these roles; every message has another text."""
    texts = iter(range(1000))
    rows = [{"messages": [{"role": role, "content": f"text {next(texts)}"} for role in chat]} for chat in roles]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return OwnFile(path=str(path))


GOOD = [[USER, ASSISTANT], [SYSTEM, USER, ASSISTANT, USER, ASSISTANT], [USER, ASSISTANT, USER]]


def test_chats_in_turn_are_not_told_of(tmp_path: Path) -> None:
    task = chats(tmp_path / "t.jsonl", *GOOD)
    assert task.holds_chats()
    assert not [note for note in task.notes() if "roles" in note]


@pytest.mark.parametrize(
    "roles",
    [
        [USER, USER, ASSISTANT],
        [USER, ASSISTANT, ASSISTANT],
        [ASSISTANT, USER],
        [SYSTEM, ASSISTANT],
        [SYSTEM, SYSTEM, USER, ASSISTANT],
        [USER, ASSISTANT, SYSTEM, ASSISTANT],
    ],
)
def test_roles_that_do_not_alternate_are_counted_with_the_first_place(tmp_path: Path, roles: list[str]) -> None:
    task = chats(tmp_path / "t.jsonl", *GOOD, roles, roles)
    told = (
        "2 of 5 chats have roles that do not alternate, the first in t.jsonl, line 4; they are learned as they stand."
    )
    assert told in task.notes()
    assert len(task.records("train", 0, 0) + task.records("evaluation", 0, 0)) == 4 + 2 * roles.count(ASSISTANT)


def test_an_unknown_role_is_read_under_its_name_and_never_learned(tmp_path: Path) -> None:
    task = chats(tmp_path / "t.jsonl", [USER, ASSISTANT, TOOL, ASSISTANT], [USER, ASSISTANT])
    told = (
        "1 of 2 chats have unknown roles (tool), the first in t.jsonl, line 1; what these say is read, never learned."
    )
    assert told in task.notes()
    assert not [note for note in task.notes() if "alternate" in note], "a tool speaks in the user's place"
    pairs = {r.prompt: r.target for r in task.records("train", 0, 0) + task.records("evaluation", 0, 0)}
    asked = "User: text 0\nAssistant: text 1\nTool: text 2\nAssistant:"
    assert pairs[asked] == " text 3"
    assert set(pairs.values()) == {" text 1", " text 3", " text 5"}


def test_a_chat_without_an_answer_is_refused_with_its_roles(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no message is by the assistant.* Its roles are human, gpt; known are system"):
        chats(tmp_path / "t.jsonl", [USER, ASSISTANT], ["human", "gpt"]).notes()


class Templated:
    """Characters, but for the marks that it knows, and a chat template."""

    def __init__(self, known: tuple[str, ...] = (), template: str | None = None) -> None:
        self.known, self.chat_template, self.unk_token_id = known, template, 0

    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        return [7] if text in self.known else [ord(character) for character in text]


CHATML = [Record("<|im_start|>user\nHi<|im_end|>\n", "Hello<|im_end|>"), Record("a", "b"), Record("", "x<|im_end|>")]


def test_marks_of_another_family_are_told_as_what_the_model_reads() -> None:
    (told,) = lint_text(CHATML, Templated(), are_chats=False)  # type: ignore[arg-type]
    expected = "2 of 3 examples hold <|im_end|>, <|im_start|>, marks of ChatML: this model has no chat"
    assert told.startswith(expected)
    assert "a column 'messages'" in told
    other = Templated(("[INST]",), "{{ '[INST]' }}")
    (told,) = lint_text(CHATML, other, are_chats=False)  # type: ignore[arg-type]
    assert "this model has a chat template of its own (Llama 2 and Mistral) and reads them as ordinary text." in told


@pytest.mark.parametrize(
    "tokenizer",
    [Templated(("<|im_start|>", "<|im_end|>")), Templated((), "{{ '<|im_start|>' + role }}<|im_end|>")],
    ids=["as tokens", "in its template"],
)
def test_marks_that_the_model_knows_are_not_told_of(tokenizer: Any) -> None:
    assert lint_text(CHATML, tokenizer, are_chats=False) == ()


def test_a_mark_that_is_only_the_unknown_token_is_foreign() -> None:
    tokenizer = Templated(("<|im_start|>", "<|im_end|>"))
    tokenizer.unk_token_id = 7
    assert len(lint_text(CHATML, tokenizer, are_chats=False)) == 1  # type: ignore[arg-type]


LINES = "chats are laid out as lines that begin with System:, User:, Assistant:."
TURN = "{% for m in messages %}{{ 'START' + m['role'] + '\n' + m['content'] + 'END\n' }}{% endfor %}"
OWN = TURN + "{% if add_generation_prompt %}{{ 'STARTassistant\n' }}{% endif %}"


def templated(start: str, end: str) -> str:
    """A template that writes these marks around every message."""
    return OWN.replace("START", start).replace("END", end)


def told_of(tokenizer: Any, *said: str) -> tuple[str, ...]:
    """The lint of chats with these messages of the user, each answered with Hello."""
    chats = [Chat((("user", text),), "Hello", "t.jsonl, line 1") for text in said or ("Hi",)]
    records = [
        Record(f"User: {text}\nAssistant:", " Hello", chat=chat) for text, chat in zip(said, chats, strict=False)
    ]
    return lint_text(lay_out(records or [Record("", "", chat=chats[0])], tokenizer, DECODER), tokenizer, are_chats=True)


def test_chats_are_told_how_they_are_laid_out(talking: Any) -> None:
    assert told_of(talking(None, eos_token="<eos>")) == (f"This model has no chat template; {LINES}",)
    chatml = templated("<|im_start|>", "<|im_end|>")
    own = "This model has a chat template of its own"
    assert told_of(talking(chatml, eos_token="<|im_end|>")) == (f"{own} (ChatML); chats are laid out by it.",)
    (told,) = told_of(talking(chatml.replace("assistant\n'", "assistant\n<think>'"), eos_token="<|im_end|>"))
    but = "but it does not write an answer behind the text that asks for it"
    assert told == f"{own} (ChatML), {but}, so {LINES}"


def test_a_template_that_ends_a_turn_without_the_end_token_is_told(talking: Any) -> None:
    told = told_of(talking(templated("<start_of_turn>", "<end_of_turn>"), eos_token="<eos>"))
    assert told == (
        "This model has a chat template of its own (Gemma); chats are laid out by it.",
        "Its template ends an answer with '<end_of_turn>', not with the model's end token <eos>; that is learned "
        "behind it.",
    )
    assert "ends an answer with no mark, not" in told_of(talking(templated("# ", ""), eos_token="<eos>"))[1]
    assert len(told_of(talking(templated("# ", "")))) == 1, "there is no end token to tell of"


def test_a_template_that_writes_the_day_is_told(talking: Any) -> None:
    day = "{{ strftime_now('%d %b %Y') }}"
    told = told_of(talking(day + templated("# ", "<eos>"), eos_token="<eos>"))
    assert told[1:] == ("Its template writes the day's date, so the same run reads another text on another day.",)


def test_marks_of_its_own_template_are_told_within_a_message_alone(talking: Any) -> None:
    tokenizer = talking(templated("<|im_start|>", "<|im_end|>"), ["<|im_start|>"], eos_token="<|im_end|>")
    told = told_of(tokenizer, "Hi", "so<|im_end|>", "[INST] I")
    assert told[1:] == (
        "1 of 3 examples hold <|im_end|> within a message: this model reads them as marks of its own and not as what "
        "somebody says. Take them out.",
        "1 of 3 examples hold [INST], marks of Llama 2 and Mistral: this model has a chat template of its own (ChatML) "
        "and reads them as ordinary text. Take them out.",
    )


def test_a_target_that_is_cut_loses_its_end(tokenizer: Any) -> None:
    report = look([Record("a", "xyz"), Record("a", "x" * 20)], tokenizer, 8)
    assert report.cut_targets == 1
    assert "1 of them lose a part of their target, and the token with which it ends." in report.faults()
    assert tokenizer.eos_token_id not in [token.id for token in report.views[1].tokens[1:]]


class Deaf:
    """A tokenizer that knows letters and nothing else."""

    bos_token_id, eos_token_id, sep_token_id = None, 1, 2

    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        return [ord(character) for character in text if character.isalpha()]

    def decode(self, ids: list[int]) -> str:
        return "".join(map(chr, ids))


def test_targets_of_which_nothing_is_learned_are_counted() -> None:
    report = look([Record("a", "12"), Record("a", "b"), Record("", "3"), Record("", "c")], Deaf(), 8)  # type: ignore[arg-type]
    assert report.empty == 3, "nothing stands before the single letter to predict it"
    assert "3 examples have an empty target mask: none of their target's tokens is learned." in report.faults()
