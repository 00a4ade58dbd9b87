"""The view of the data shows every token, the loss mask, and what was cut or comes twice."""

from workbench.tasks.contract import Record
from workbench.tasks.token_view import look

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
