"""Parquet is read like the other tables; what is no text, too large or damaged is told in one sentence."""

import datetime
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet as arrow_parquet

from workbench.errors import DataError
from workbench.tasks import file_text, parquet
from workbench.tasks.own_file import OwnFile, first_look

AB = {"prompt": ["a", "b"], "target": ["1", "2"]}
CHATS = [
    [{"role": "user", "content": f"Hi {number}"}, {"role": "assistant", "content": f"Hello {number}"}]
    for number in range(9)
]


def write(path: Path, columns: dict[str, Any], **knobs: Any) -> OwnFile:
    arrow_parquet.write_table(pa.table(columns), path)
    return OwnFile(path=str(path), **knobs)


def pairs(task: OwnFile) -> set[tuple[str, str]]:
    records = task.records("train", 0, 0) + task.records("evaluation", 0, 0)
    return {(record.prompt, record.target) for record in records}


def refused(task: OwnFile) -> str:
    with pytest.raises(DataError) as caught:
        task.notes()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["t.parquet", "T.PQ", "t.csv", "t"])
def test_is_told_by_its_name_or_its_first_bytes(tmp_path: Path, name: str) -> None:
    assert pairs(write(tmp_path / name, AB)) == {("a\n", "1"), ("b\n", "2")}


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_reads_a_table_as_its_csv_is_read(tmp_path: Path, kind: pa.DataType) -> None:
    texts = [f"say {number % 70} \u05e9\u05dc\u05d5\u05dd, or\nnot" for number in range(600)]
    path = tmp_path / "t.csv"
    path.write_text("prompt,target\n" + "".join(f'"{text}",{number}\n' for number, text in enumerate(texts)))
    there = write(tmp_path / "t.parquet", {"prompt": pa.array(texts).cast(kind), "target": range(600)})
    for split in ("train", "evaluation"):
        assert there.records(split, 0, 3) == OwnFile(path=str(path)).records(split, 0, 3)


def test_numbers_dates_and_decimals_are_written_out(tmp_path: Path) -> None:
    columns = {
        "prompt": [datetime.date(2020, 1, 2), datetime.date(2020, 1, 3)],
        "target": [Decimal("1.50"), Decimal("2.25")],
    }
    assert pairs(write(tmp_path / "t.parquet", columns)) == {("2020-01-02\n", "1.50"), ("2020-01-03\n", "2.25")}
    assert ("true\n", "0.5") in pairs(write(tmp_path / "u.parquet", {"a": [True, False], "b": [0.5, 1.0]}))


def test_chats_are_read_as_in_jsonl(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps({"messages": chat}) + "\n" for chat in CHATS))
    task = write(tmp_path / "t.parquet", {"messages": CHATS, "id": range(9)})
    assert pairs(task) == pairs(OwnFile(path=str(path)))
    assert ("User: Hi 3\nAssistant:", " Hello 3") in pairs(task)


def test_nested_and_binary_columns_are_left_out_and_refused_where_they_are_named(tmp_path: Path) -> None:
    more = {"picture": [b"\xff", b"\x00"], "tags": [["x"], ["y"]], "facts": [{"n": 1}, {"n": 2}]}
    path = tmp_path / "t.parquet"
    task = write(path, AB | more)
    assert first_look(task)["columns"] == ("prompt", "target")
    assert "Columns left out: picture (binary), tags (nested), facts (nested)." in task.notes()
    told = "t.parquet, column picture: it is binary, but allowed is text or numbers."
    assert refused(OwnFile(path=str(path), prompt_column="prompt", target_column="picture")) == told
    assert "picture (binary)" in refused(write(path, more))


def test_an_empty_cell_is_told_with_its_row(tmp_path: Path) -> None:
    columns = {"prompt": ["a", None, "", "b"], "target": ["1", None, " ", None]}
    assert "t.parquet, row 4, column target: found null" in refused(write(tmp_path / "t.parquet", columns))
    columns["target"][3] = "2"
    assert pairs(write(tmp_path / "u.parquet", columns)) == {("a\n", "1"), ("b\n", "2")}, "empty rows are left out"


def test_wrong_columns_are_told(tmp_path: Path) -> None:
    twice = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["x", "x"])
    arrow_parquet.write_table(twice, tmp_path / "t.parquet")
    assert "column x: the name occurs twice" in refused(OwnFile(path=str(tmp_path / "t.parquet")))
    assert "no rows" in refused(write(tmp_path / "u.parquet", {"prompt": pa.array([], pa.string())}))
    assert "Did you mean target?" in refused(write(tmp_path / "v.parquet", AB, target_column="targt"))


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write(path, {"prompt": [f"p{number}" for number in range(5000)], "target": range(5000)})
    whole = path.read_bytes()
    middle = whole[:4000] + b"\xff" * 4000 + whole[8000:]
    for damaged in (b"", b"PAR1", b"prompt,target\n", whole[:-9], whole[:-300] + whole[-8:], middle):
        path.write_bytes(damaged)
        assert "t.parquet is damaged or no Parquet (" in refused(OwnFile(path=str(path)))


def test_text_that_is_no_unicode_is_one_sentence(tmp_path: Path) -> None:
    wrong = pa.StringArray.from_buffers(2, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe"))
    assert "damaged" in refused(write(tmp_path / "t.parquet", {"prompt": wrong, "target": ["1", "2"]}))


def test_a_file_with_too_many_rows_or_columns_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "MOST_ROWS", 1)
    assert "t.parquet has 2 rows, but allowed are 1." in refused(write(tmp_path / "t.parquet", AB))
    monkeypatch.setattr(parquet, "MOST_ROWS", 10)
    monkeypatch.setattr(parquet, "MOST_COLUMNS", 1)
    assert "u.parquet has 2 columns, but allowed are 1." in refused(write(tmp_path / "u.parquet", AB))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_a_small_file_that_unpacks_to_very_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: pa.DataType
) -> None:
    monkeypatch.setattr(file_text, "MOST_BYTES", 100_000)
    path = tmp_path / "t.parquet"
    task = write(path, {"prompt": range(5000), "target": pa.array(["x" * 1000] * 5000, kind)})
    assert path.stat().st_size < 100_000
    assert "t.parquet is larger when it is unpacked; allowed are 0 MB." in refused(task)
