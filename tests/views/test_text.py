"""Texts from data must not steer the terminal or hide themselves."""

from workbench.views.text import one_line, one_way, readable


def test_terminal_escapes_vanish() -> None:
    assert readable("\x1b[31mred\x1b[0m \x1b]0;title\x07and \x1b]8;;http://x\x1b\\link\x9b2J") == "red and link2J"


def test_an_escape_without_an_end_takes_no_control() -> None:
    assert "\x1b" not in readable("a\x1b]0;never ends") and "\x1b" not in readable("a\x1b")


def test_marks_that_reorder_a_line_vanish() -> None:
    assert readable("a\u202eb\u200bc\ufeff") == "abc"


def test_newlines_and_other_scripts_stay() -> None:
    assert readable("één\n\tñ 猫 🐈") == "één\n\tñ 猫 🐈"


def test_one_line_is_cut_with_a_mark() -> None:
    assert one_line("a\nb   c", 4) == "a b…"
    assert one_line("abcd", 4) == "abcd"


def test_a_label_turns_nothing_that_follows_it() -> None:
    assert one_way("\u202ename\u2067 \x1b[1mשם") == "name \x1b[1mשם"
