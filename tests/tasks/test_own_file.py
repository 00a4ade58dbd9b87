"""Your own file: formats, encodings, the guess of the columns, the split, and the scores."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.errors import DataError
from workbench.knobs import configure
from workbench.metrics import CHOICE, TEXT
from workbench.tasks.contract import Record
from workbench.tasks.own_file import OwnFile, passages
from workbench.tasks.scoring import score_answers

Write = Callable[..., OwnFile]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def build(name: str, content: str | bytes, **knobs: object) -> OwnFile:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return OwnFile(path=str(path), **knobs)

    return build


def pairs(task: OwnFile) -> set[tuple[str, str]]:
    records = task.records("train", 0, 0) + task.records("evaluation", 0, 0)
    return {(record.prompt, record.target) for record in records}


AB = {("a\n", "1"), ("b\n", "2")}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", "prompt,target\na,1\nb,2\n"),
        ("t.csv", "prompt,target\r\na,1\r\nb,2"),
        ("t.csv", "prompt,target\ra,1\rb,2\r"),
        ("t.csv", "prompt;target\na;1\nb;2\n"),
        ("t.csv", "\n\nprompt,target\na,1\n\n,\n  ,  \nb,2\n"),
        ("t.csv", '"prompt","target"\n"a","1"\n"b","2"\n'),
        ("T.TSV", "prompt\ttarget\na\t1\nb\t2\n"),
        ("t.tsv", "prompt,target\na,1\nb,2\n"),
        ("t.jsonl", '{"prompt": "a", "target": 1}\n\n{"prompt": "b", "target": "2"}\n'),
        ("t.data", '{"prompt": "a", "target": "1"}\r\n{"target": 2, "prompt": "b", "more": []}'),
        ("t.csv", '{"prompt": "a", "target": "1"}\n{"prompt": "b", "target": "2"}'),
    ],
)
def test_reads_tables_by_suffix_and_content(write: Write, name: str, content: str) -> None:
    assert pairs(write(name, content)) == AB


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_reads_encodings(write: Write, encoding: str) -> None:
    rows = "\n".join(f"say {number},\u05e9\u05dc\u05d5\u05dd {number}" for number in range(9))
    task = write("t.csv", f"prompt,target\n{rows}".encode(encoding))
    assert ("say 8\n", "\u05e9\u05dc\u05d5\u05dd 8") in pairs(task)
    assert any("read as UTF-16" in note for note in task.notes()) == encoding.startswith("utf-16")


def test_reads_line_breaks_and_quotes_inside_quoted_cells(write: Write) -> None:
    task = write("t.csv", 'prompt,target\n"a\nb","he said ""no"", then\r\nleft"\nc,d')
    assert ("a\nb\n", 'he said "no", then\r\nleft') in pairs(task)


def test_reads_a_cell_larger_than_python_allows_by_itself(write: Write) -> None:
    task = write("t.csv", f"prompt,target\na,{'x' * 300_000}\nb,2")
    assert max(len(target) for _, target in pairs(task)) == 300_000


def test_reads_tsv_without_quoting(write: Write) -> None:
    task = write("t.tsv", 'prompt\ttarget\n"No," she said\t1\nb\t5" long\n')
    assert ('"No," she said\n', "1") in pairs(task)
    assert any("Quotation marks" in note for note in task.notes())


def test_json_lines_may_hold_other_line_separators(write: Write) -> None:
    assert ("a\n", "x\u2028y") in pairs(
        write("t.jsonl", '{"prompt":"a","target":"x\u2028y"}\n{"prompt":"b","target":"z"}')
    )


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("mr,ref", ("A", "B")),
        ("Question,Answer,id", ("A", "B")),
        ("id,input,output", ("B", "C")),
        ("anything,else", ("A", "B")),
        ("text", ("", "A")),
        ("id,text,more", ("", "B")),
    ],
)
def test_guesses_columns_where_there_is_no_doubt_and_says_so(
    write: Write, header: str, expected: tuple[str, str]
) -> None:
    size = header.count(",") + 1
    rows = [",".join(f"{letter}{row}" for letter in "ABC"[:size]) for row in range(20)]
    task = write("t.csv", "\n".join([header, *rows]))
    prompt, target = next(iter(pairs(task)))
    assert (prompt[:1], target[:1]) == expected
    assert any("guessed" in note or "text of its own" in note for note in task.notes())


@pytest.mark.parametrize("header", ["instruction,input,output", "one,two,three", "prompt,completion,response"])
def test_does_not_guess_where_there_is_doubt(write: Write, header: str) -> None:
    with pytest.raises(DataError, match="prompt_column and target_column"):
        write("t.csv", f"{header}\na,b,c\nd,e,f").reading()
    one, _, three = header.split(",")
    assert ("a\n", "c") in pairs(write("t.csv", f"{header}\na,b,c\nd,e,f", prompt_column=one, target_column=three))


def test_one_named_column_of_two_tells_the_other(write: Write) -> None:
    assert ("1\n", "a") in pairs(write("t.csv", "x,y\na,1\nb,2", prompt_column="y"))
    assert ("1\n", "a") in pairs(write("t.csv", "x,y\na,1\nb,2", target_column="x"))


def test_every_answer_of_a_chat_is_an_example(write: Write) -> None:
    def chat(*turns: tuple[str, str]) -> str:
        return json.dumps({"messages": [{"role": role, "content": content} for role, content in turns]})

    long = chat(
        ("system", "Be kind."), ("user", "Hi"), ("assistant", "Hello!"), ("user", "Bye"), ("assistant", "See you.")
    )
    task = write("t.jsonl", f"{long}\n{chat(('user', 'Who?'), ('assistant', 'Me.'))}")
    assert pairs(task) == {
        ("System: Be kind.\nUser: Hi\nAssistant:", " Hello!"),
        ("System: Be kind.\nUser: Hi\nAssistant: Hello!\nUser: Bye\nAssistant:", " See you."),
        ("User: Who?\nAssistant:", " Me."),
    }
    sizes = {len(task.records("train", 0, 0)), len(task.records("evaluation", 0, 0))}
    assert sizes == {1, 2}, "a chat stays in one split"


def test_a_tenth_of_the_prompts_is_held_out_in_whatever_order_the_rows_stand(write: Write) -> None:
    rows = [f"p{number % 50},t{number}" for number in range(200)]
    task = write("a.csv", "\n".join(["prompt,target", *rows]))
    held_out = {record.prompt for record in task.records("evaluation", 0, 0)}
    assert len(held_out) == 5
    assert len(task.records("evaluation", 0, 0)) == 20
    assert not held_out & {record.prompt for record in task.records("train", 0, 0)}
    turned = write("b.csv", "\n".join(["prompt,target", *rows[::-1]]))
    assert {record.prompt for record in turned.records("evaluation", 0, 0)} == held_out


def test_a_small_evaluation_asks_different_prompts_first(write: Write) -> None:
    rows = [f"p{number % 50},t{number}" for number in range(200)]
    first = write("a.csv", "\n".join(["prompt,target", *rows])).records("evaluation", 5, 0)
    assert len({record.prompt for record in first}) == 5


def test_duplicates_are_counted(write: Write) -> None:
    task = write("t.csv", "prompt,target\na,1\nb,2\na,1\na,3\n")
    assert task.reading().duplicates == 1
    assert any("repeat an earlier one: 1;" in note for note in task.notes())


def test_an_answer_may_equal_any_target_of_its_prompt(write: Write) -> None:
    task = write("t.csv", "prompt,target\na,blue sky\na,green  grass\nb,2\n")
    records = [Record("a\n", "blue sky"), Record("a\n", "blue sky"), Record("z\n", "x")]
    scores = task.score(records, [" green grass\n", "blue", "x"])
    assert scores["exact_match"] == pytest.approx(2 / 3)
    assert 2 / 3 < scores["similarity"] < 1


def test_free_text_and_choices_are_measured_by_what_fits_them(write: Write) -> None:
    text = write("text.csv", "prompt,target\na,blue sky\na,green grass\nb,two\n")
    measured = score_answers(text, [Record("a\n", "blue sky")], ["green grass"])
    assert set(measured) == {"similarity", *TEXT} and measured["rougeL"] == 1.0
    rows = "".join(f"prompt {number},{'yes' if number % 2 else 'no'}\n" for number in range(40))
    choice = write("choice.csv", f"prompt,target\n{rows}")
    records = choice.records("evaluation", 0, 0)
    measured = score_answers(choice, records, [record.target for record in records])
    assert set(measured) == {*choice.scores, *CHOICE} and measured["mcc"] in (0.0, 1.0)


def solved(number: int) -> str:
    return json.dumps({"question": f"{number} and {number}?", "answer": f"{number} + {number}\n#### {number * 2:,}"})


def test_a_perfect_answer_by_another_derivation_is_right_and_a_wrong_number_is_not(write: Write) -> None:
    task = write("t.jsonl", "\n".join(solved(number) for number in range(990, 1010)))
    assert task.mark() == "####" and task.longest_answer() > task.answer_tokens
    assert any("behind the last ####" in note and "20 of 20" in note for note in task.notes())
    record = Record("1000 and 1000?\n", "1000 + 1000\n#### 2,000")
    other = score_answers(task, [record], ["Twice one thousand.\n#### $2000."])
    assert other["final_answer"] == 1.0 and other["exact_match"] == 0.0
    wrong = score_answers(task, [record], ["1000 + 1000\n#### 2,001"])
    assert wrong["final_answer"] == 0.0 and wrong["similarity"] > 0.8


def test_a_mark_is_told_where_it_is_another(write: Write) -> None:
    rows = "\n".join(f"q{n},So I think. The  answer: {n}" for n in range(20))
    assert write("t.csv", f"prompt,target\n{rows}").mark() == ""
    task = write("t.csv", f"prompt,target\n{rows}", answer_after="The answer:")
    assert score_answers(task, [Record("q3\n", "The answer: 3")], ["The answer: 3.0"])["final_answer"] == 1.0
    with pytest.raises(DataError, match="answer_after is '@@'"):
        write("t.csv", f"prompt,target\n{rows}", answer_after="@@").notes()


def test_headings_of_markdown_are_no_marks(write: Write) -> None:
    rows = [json.dumps({"prompt": f"p{n}", "target": f"#### Part {n}\nIt is {n}."}) for n in range(20)]
    task = write("t.jsonl", "\n".join(rows))
    assert task.mark() == "" and task.longest_answer() == task.answer_tokens
    records = task.records("evaluation", 0, 0)
    assert "final_answer" not in score_answers(task, records, [record.target for record in records])


def test_plain_text_has_no_answers_to_be_measured(write: Write) -> None:
    task = write("t.txt", "One. Two. Three. " * 30, passage_characters=64)
    records = task.records("evaluation", 0, 0)
    assert score_answers(task, records, [""] * len(records)) == {}


def test_plain_text_is_cut_into_passages_that_make_it_up_again() -> None:
    text = "".join(f"Line {number} has some words. It ends.\n{'' if number % 3 else chr(10)}" for number in range(99))
    for size in (32, 100, 500):
        pieces = list(passages(text, size))
        assert "".join(pieces) == text
        assert all(len(piece) <= size for piece in pieces)
        assert all(piece[-1] in "\n " for piece in pieces[:-1])
    assert list(passages("x" * 70, 32)) == ["x" * 32, "x" * 32, "x" * 6]


def test_the_last_tenth_of_a_plain_text_is_held_out(write: Write) -> None:
    text = "\n".join(f"This is line {number}." for number in range(1000))
    task = write("t.txt", text, passage_characters=100)
    train, evaluation = task.records("train", 0, 0), task.records("evaluation", 0, 0)
    assert all(record.prompt == "" for record in train + evaluation)
    assert text.endswith("".join(record.target for record in evaluation))
    assert 0.08 < sum(len(record.target) for record in evaluation) / len(text) < 0.11
    assert task.score(evaluation, [""] * len(evaluation)) == {}
    assert any("only its loss" in note for note in task.notes())


def test_a_short_text_still_gives_both_splits(write: Write) -> None:
    task = write("t.txt", "One. Two. Three. " * 8, passage_characters=64)
    assert task.records("train", 0, 0) and len(task.records("evaluation", 0, 0)) == 1


def test_a_changed_file_is_read_again(write: Write) -> None:
    assert pairs(write("t.csv", "prompt,target\na,1\nb,2\n")) == AB
    assert ("longer\n", "text") in pairs(write("t.csv", "prompt,target\na,1\nlonger,text\n"))


def test_the_knobs_are_read_from_texts(tmp_path: Path) -> None:
    task = configure(OwnFile, {"path": "x.txt", "passage_characters": "64"}, "own_file")
    assert task == OwnFile(path="x.txt", passage_characters=64)


def test_several_columns_make_a_prompt_with_a_named_line_each(write: Write) -> None:
    task = write("t.csv", "a,b,c,y\n" + "\n".join(f"{n},two,three,yes" for n in range(9)), prompt_column="a + b+c")
    assert ("a: 0\nb: two\nc: three\n", "yes") in pairs(task)
    with pytest.raises(DataError, match="no such column"):
        write("u.csv", "a,b,y\n1,2,3\n4,5,6", prompt_column="a+x", target_column="y").notes()


def test_a_column_that_is_called_so_comes_before_a_sum_of_columns(write: Write) -> None:
    assert ("1\n", "3") in pairs(write("t.csv", "a+b,a,b,y\n1,8,9,3\n2,8,9,4", prompt_column="a+b", target_column="y"))


def test_two_columns_are_a_pair(write: Write) -> None:
    task = write("t.csv", "a,b,y\n" + "\n".join(f"{n},two,no" for n in range(9)), prompt_column="a+b")
    for record in task.records("train", 0, 0):
        assert record.prompt[record.cut :] == "b: two\n"


def test_few_targets_are_labels_and_many_are_text(write: Write) -> None:
    labels = write("t.csv", "q,a\n" + "\n".join(f"{n},{'yes' if n % 2 else 'no'}" for n in range(20)))
    assert labels.labels() == ("no", "yes")
    assert not labels.asks_for_text()
    text = write("u.csv", "q,a\n" + "\n".join(f"{n},{n * 7}" for n in range(20)))
    assert text.labels() == ()
    assert text.asks_for_text()
    assert not write("v.txt", "word " * 500).asks_for_text()
