"""Odd roles, foreign chat marks and lost targets are told before a race, with how many and where."""

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import DataError
from workbench.tasks.chat_lint import lint_text
from workbench.tasks.contract import Record
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


def test_chats_are_told_how_they_are_laid_out_and_whether_the_model_has_a_template() -> None:
    records = [Record("User: Hi\nAssistant:", " Hello")]
    lines = "chats are laid out as lines that begin with System:, User:, Assistant:."
    assert lint_text(records, Templated(), are_chats=True) == (f"This model has no chat template; {lines}",)  # type: ignore[arg-type]
    (told,) = lint_text(records, Templated((), "<start_of_turn>"), are_chats=True)  # type: ignore[arg-type]
    assert told == f"This model has a chat template of its own (Gemma); all the same {lines}"


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
