"""Measures against numbers worked by hand."""

from math import exp

import pytest

from workbench.tasks.measures import bleu, chrf, macro_f1, words


def test_bleu_by_hand() -> None:
    """Matches 5/6, 3/5, 1/4, 0/3; from two words on, one is added: 4/6, 2/5, 1/4. No brevity penalty."""
    expected = (5 / 6 * 4 / 6 * 2 / 5 * 1 / 4) ** 0.25
    assert bleu(["the cat sat on the mat"], [["the cat is on the mat"]]) == pytest.approx(expected)


def test_bleu_punishes_short_answers() -> None:
    assert bleu(["the cat"], [["the cat sat here"]]) == pytest.approx(exp(1 - 4 / 2))


def test_bleu_clips_by_the_reference_that_has_the_word_most() -> None:
    """1-grams 2/3, 2-grams 1/2 (+1: 2/3), 3-grams 0/1 (+1: 1/2), 4-grams 0/0 (+1: 1); the nearest length is 3."""
    expected = (2 / 3 * 2 / 3 * 1 / 2 * 1) ** 0.25
    assert bleu(["the the the"], [["the cat", "the the dog"]]) == pytest.approx(expected)


def test_bleu_counts_over_the_corpus() -> None:
    """Both answers together: 1-grams 2/4, 2-grams 1/2 (+1: 2/3), no longer runs; lengths 4 and 4."""
    assert bleu(["a b", "x y"], [["a b"], ["c d"]]) == pytest.approx((2 / 4 * 2 / 3) ** 0.25)


def test_bleu_of_nothing_in_common_is_zero() -> None:
    assert bleu(["x"], [["a"]]) == bleu([""], [["a"]]) == bleu([], []) == 0.0


def test_macro_f1_by_hand() -> None:
    """a: TP 1, FP 0, FN 1: 2/3. b: TP 2, FP 1, FN 0: 4/5. c is nowhere and does not count."""
    assert macro_f1(list("aabb"), list("abbb"), list("abc")) == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_an_answer_outside_the_labels_is_a_miss() -> None:
    assert macro_f1(["a", "b"], ["a", "banana"], ["a", "b"]) == pytest.approx(0.5)


def test_chrf_by_hand() -> None:
    """abc and abd share 2 of 3 characters, 1 of 2 pairs, no triple: precision = recall = F = 7/18."""
    assert chrf("abc", "abd") == pytest.approx(7 / 18)


def test_chrf_weighs_recall_twice() -> None:
    """Precision 1; recall (2/4 + 1/3) / 2 = 5/12; F2 = 5 P R / (4 P + R)."""
    assert chrf("a b", "abcd") == pytest.approx(5 * (5 / 12) / (4 + 5 / 12))


def test_chrf_works_in_any_script() -> None:
    assert chrf("รถของคนขับ", "รถของคนขับ") == 1.0
    assert chrf("你好", "世界") == 0.0
    assert chrf("", "") == 1.0


def test_words_are_split_from_marks() -> None:
    assert words("Mia's dog, too.") == ["mia", "'", "s", "dog", ",", "too", "."]
