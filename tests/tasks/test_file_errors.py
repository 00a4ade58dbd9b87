"""A file that cannot be read is told in one sentence, with line and column, what was found and what is allowed."""

from pathlib import Path

import pytest

from workbench.errors import DataError, SpecError
from workbench.tasks import file_text
from workbench.tasks.own_file import OwnFile

MESSAGES = '{"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]}\n'

CASES = [
    # name, content, knobs, what the sentence must hold
    ("t.csv", "prompt,target\na,1\nb\n", {}, ["t.csv, line 3, column target", "after 1 of 2 cells"]),
    ("t.csv", 'prompt,target\n"a\na",1\nb,2,3\n', {}, ["line 4, column 3", "3 cells", "allowed are 2"]),
    ("t.csv", "prompt,target\na,1\nb, \n", {}, ["line 3, column target", "empty", "at least one character"]),
    ("t.csv", "prompt,target\n,1\nb,2\n", {}, ["line 2, column prompt", "empty"]),
    ("t.csv", 'prompt,target\na,1\nb,"2\nc,3\n', {}, ["line 3", "quotation mark opens here and never closes"]),
    ("t.csv", 'prompt,target\na,"x"y\n', {}, ["line 2", "expected after"]),
    ("t.csv", "prompt,target\na,x\ry\nb,2\n", {}, ["line 3, column target", "after 1 of 2 cells"]),
    ("t.csv", 'prompt,target\na,1,2\nb,"2\n', {}, ["line 2, column 3", "3 cells"]),
    ("t.tsv", 'prompt\ttarget\na\t1\t2\nb\t"2\n', {}, ["line 2, column 3", "3 cells"]),
    ("t.csv", "prompt,target\na,caf\u00e9\n".encode("cp1252"), {}, ["line 2, character 6", "byte E9"]),
    (
        "t.jsonl",
        '{"prompt": "a", "target": "b"}\n{"prompt": "c", "tar',
        {},
        ["line 2, character", "one JSON object a line"],
    ),
    ("t.csv", "prompt,prompt\na,1\n", {}, ["line 1, column prompt", "twice"]),
    ("t.csv", "prompt,\na,1\n", {}, ["line 1", "column 2 has no name"]),
    ("t.csv", ",,\n,,\n", {}, ["line 1", "no column has a name"]),
    ("t.jsonl", '{"prompt": "a", "target": "\\ud800"}', {}, ["line 1, column target", "half a character"]),
    ("t.csv", "prompt,target\n", {}, ["a header but no rows"]),
    ("t.csv", "prompt,target\na,1\na,2\n", {}, ["one prompt only"]),
    (
        "t.csv",
        "question,answer\na,1\nb,2",
        {"target_column": "anser"},
        ["line 1, column anser", "Did you mean answer?"],
    ),
    ("t.csv", "x,y\na,1\nb,2", {"prompt_column": "x", "target_column": "x"}, ["two different columns"]),
    ("t.csv", "x,y,z\na,1,2\nb,2,3", {"prompt_column": "x"}, ["columns y, z beside x", "target_column"]),
    (
        "t.csv",
        b"prompt,target\na,caf\xc3\xa9\nb,caf\xe9\n",
        {},
        ["line 3, character 6", "byte E9", "UTF-8", "save all of it"],
    ),
    ("t.csv", b"\xff\xfep\x00,\x00t\x00\n\x00a\x00,\x00\x00\xd8b\x00", {}, ["line 2", "UTF-16"]),
    ("t.csv", b"prompt,target\na,1\nb,\x002\n", {}, ["line 3", "zero byte"]),
    ("t.csv", b"PK\x03\x04rest", {}, ["spreadsheet"]),
    ("t.jsonl.gz", b"\x1f\x8b\x08rest", {}, ["gzip"]),
    ("t.csv", "", {}, ["empty"]),
    ("t.txt", " \n\n ", {}, ["empty"]),
    ("t.txt", "Too short.", {}, ["10 characters", "smaller passage_characters"]),
    ("t.docx", "plain", {}, ["'.docx'", ".csv", ".txt"]),
    ("t.json", '[{"prompt": "a"}]', {}, ["one JSON list", "one object a line"]),
    (
        "t.jsonl",
        '{"prompt": "a", "target": "b"}\n{"prompt": "a" "target"}\n',
        {},
        ["line 2, character 16", "one JSON object a line"],
    ),
    ("t.jsonl", '{"prompt": "a", "target": "b"}\n["x"]\n', {}, ["line 2", "a list"]),
    (
        "t.jsonl",
        '{"prompt": "a", "target": "b"}\n{"prompt": "c"}\n',
        {},
        ["line 2, column target", "no value", "prompt"],
    ),
    (
        "t.jsonl",
        '{"prompt": "a", "target": {"x": 1}}\n',
        {},
        ["line 1, column target", "an object", "a text or a number"],
    ),
    ("t.jsonl", '{"prompt": "a", "target": null}\n', {}, ["line 1, column target", "null"]),
    ("t.jsonl", '{"a": "x"}\n' * 2, {"prompt_column": "b"}, ["line 1, column b", "one of a"]),
    ("t.jsonl", "[" * 100_000, {}, ["list"]),
    ("t.jsonl", '{"prompt":' * 100_000, {}, ["line 1", "too deep"]),
    ("t.jsonl", MESSAGES + '{"messages": []}', {}, ["line 2, column messages", "at least one answer"]),
    ("t.jsonl", MESSAGES + '{"messages": "hi"}', {}, ["line 2, column messages", 'the text "hi"', "a list"]),
    ("t.jsonl", MESSAGES + '{"prompt": "hi"}', {}, ["line 2, column messages", "no value"]),
    ("t.jsonl", '{"messages": [3]}', {}, ["line 1, column messages[0]", "the value 3"]),
    (
        "t.jsonl",
        '{"messages": [{"role": "bot", "content": "x"}]}',
        {},
        ["line 1, column messages", "Its roles are bot", "system, user, assistant"],
    ),
    (
        "t.jsonl",
        '{"messages": [{"role": "a b\\n", "content": "x"}]}',
        {},
        ["messages[0].role", '"a b\\n"', "system, user, assistant"],
    ),
    ("t.jsonl", '{"messages": [{"role": "user"}]}', {}, ["messages[0].content", "null", "allowed is a text"]),
]


@pytest.mark.parametrize(
    ("name", "content", "knobs", "told"), CASES, ids=[f"{n}-{case[3][0]}" for n, case in enumerate(CASES)]
)
def test_the_error_names_the_place_and_what_is_allowed(
    tmp_path: Path, name: str, content: str | bytes, knobs: dict[str, str], told: list[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError) as caught:
        OwnFile(path=str(path), **knobs).records("train", 0, 0)
    assert name in caught.value.message or "columns" in caught.value.message
    for part in told:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no file"):
        OwnFile(path=str(tmp_path / "nowhere.csv")).notes()
    with pytest.raises(DataError, match="is a folder"):
        OwnFile(path=str(tmp_path)).notes()


def test_no_path_at_all_is_told() -> None:
    with pytest.raises(SpecError, match="own_file:path"):
        OwnFile().records("train", 0, 0)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.txt"
    path.write_text("word " * 100)
    assert file_text.MOST_BYTES == 200_000_000
    monkeypatch.setattr(file_text, "MOST_BYTES", 499)
    with pytest.raises(DataError, match="large.txt has"):
        OwnFile(path=str(path)).records("train", 0, 0)
