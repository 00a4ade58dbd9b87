"""Encoding: the prompt is read and not learned, the target and the end are; what is too long is cut."""

from workbench.tasks.contract import IGNORED, Record
from workbench.tasks.encode import Encoded, encode

RECORD = Record("abcd", "xyz")


def text(encoded: Encoded) -> str:
    return "".join("|" if token == 1 else chr(token) for token in encoded.ids)


def learned(encoded: Encoded) -> str:
    return "".join("|" if label == 1 else chr(label) for label in encoded.labels if label != IGNORED)


def test_the_target_and_the_end_are_learned(tokenizer) -> None:
    encoded = encode(RECORD, tokenizer, 100)
    assert text(encoded) == "|abcdxyz|"
    assert encoded.labels[:5] == (IGNORED,) * 5
    assert learned(encoded) == "xyz|"
    assert (encoded.targets, encoded.truncated) == (4, 0)


def test_a_text_without_prompt_is_learned_whole(tokenizer) -> None:
    assert learned(encode(Record("", "xyz"), tokenizer, 100)) == "xyz|"


def test_the_start_of_the_prompt_is_cut_first(tokenizer) -> None:
    encoded = encode(RECORD, tokenizer, 7)
    assert (text(encoded), learned(encoded), encoded.truncated) == ("|cdxyz|", "xyz|", 2)


def test_then_the_end_of_the_target_is_cut(tokenizer) -> None:
    encoded = encode(RECORD, tokenizer, 3)
    assert (text(encoded), learned(encoded), encoded.truncated) == ("|xy", "xy", 6)


def test_a_tokenizer_without_marks_adds_none(bare_tokenizer) -> None:
    assert text(encode(RECORD, bare_tokenizer, 100)) == "abcdxyz"
