"""The view of the data shows every token, the loss mask, and what was cut or comes twice."""

from workbench.tasks.contract import Record
from workbench.tasks.token_view import look, pieces

RECORDS = [Record("ab", "xy"), Record("ab", "xy"), Record("abcdef", "xyz"), Record("a", "uvwxyzuvwxyz")]


def test_shows_tokens_and_the_loss_mask(tokenizer) -> None:
    view = look(RECORDS, tokenizer, 100).views[0]
    assert "".join(token.text for token in view.tokens) == "<end>abxy<end>"
    assert "".join(token.text for token in view.tokens if token.learned) == "xy<end>"
    assert view.learned == 3
    assert view.tokens[1].id == ord("a")


def test_reports_what_was_cut_and_what_comes_twice(tokenizer) -> None:
    report = look(RECORDS, tokenizer, 8)
    assert report.records == 4
    assert report.longest == 15
    assert (report.truncated_records, report.truncated_tokens) == (2, 3 + 7)
    assert report.cut_targets == 1
    assert report.duplicates == 1
    assert [view.copies for view in report.views] == [2, 2, 1, 1]
    assert report.tokens == 6 + 6 + 8 + 8
    assert report.learned_tokens == 3 + 3 + 4 + 7


def test_a_target_that_is_cut_is_found_without_an_end_mark(bare_tokenizer) -> None:
    assert look([Record("abc", "xyz")], bare_tokenizer, 2).cut_targets == 1
    assert look([Record("abc", "xyz")], bare_tokenizer, 3).cut_targets == 0


def test_says_what_it_found_in_sentences(tokenizer) -> None:
    told = look(RECORDS, tokenizer, 8).sentences()
    assert told[0] == "4 examples have 28 tokens, 17 of them learned."
    assert len(told) == 4
    assert len(look(RECORDS[1:3], tokenizer, 100).sentences()) == 1


def test_only_the_first_examples_are_shown(tokenizer) -> None:
    assert len(look(RECORDS, tokenizer, 100, views=2).views) == 2
    assert look([], tokenizer, 100).views == ()


class ByteTokenizer:
    """Token = byte of UTF-8, so that most letters of the world are several tokens; no marks."""

    bos_token_id = eos_token_id = None

    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        return list(text.encode("utf-8", "surrogateescape"))

    def decode(self, ids: list[int]) -> str:
        return bytes(ids).decode("utf-8", "replace")


def test_parts_of_a_character_are_read_as_the_character() -> None:
    tokenizer = ByteTokenizer()
    (view,) = look([Record("a\u05d0\n", "\u0e01\U0001f407e\u0301")], tokenizer, 100).views
    assert [(piece.text, piece.learned, piece.tokens) for piece in pieces(view, tokenizer)] == [
        ("a", False, 1),
        ("\u05d0", False, 2),
        ("\n", False, 1),
        ("\u0e01", True, 3),
        ("\U0001f407", True, 4),
        ("e", True, 1),
        ("\u0301", True, 2),
    ]


def test_a_part_of_a_character_that_stays_alone_is_a_piece_of_its_own() -> None:
    tokenizer = ByteTokenizer()
    (view,) = look([Record("ab", "\udcff\u05d0")], tokenizer, 5).views
    assert [(piece.text, piece.tokens) for piece in pieces(view, tokenizer)] == [
        ("a", 1),
        ("b", 1),
        ("\ufffd", 1),
        ("\u05d0", 2),
    ]
