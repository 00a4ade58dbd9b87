"""Metrics against the examples that their libraries document, and against numbers worked by hand."""

from math import exp

import pytest

from workbench.metrics import METRICS
from workbench.metrics.contract import Outcome

# From sacreBLEU's README, "Using SacreBLEU from Python": BLEU = 48.53, chrF2 = 59.73.
README_ANSWERS = ("The dog bit the man.", "It wasn't surprising.", "The man had just bitten him.")
README_REFERENCES = (
    ("The dog bit the man.", "The dog had bit the man."),
    ("It was not unexpected.", "No one was surprised."),
    ("The man bit him first.", "The man had bitten the dog."),
)


def value(name: str, answers: tuple[str, ...], *references: tuple[str, ...], labels: tuple[str, ...] = ()) -> float:
    return METRICS[name]().measure(Outcome(answers, references, labels))


def choose(name: str, targets: str, answers: str, labels: str = "") -> float:
    right = tuple((target,) for target in targets.split())
    return value(name, tuple(answers.split()), *right, labels=tuple((labels or targets).split()))


def test_bleu_and_chrf_of_sacrebleus_readme() -> None:
    assert value("sacrebleu", README_ANSWERS, *README_REFERENCES) == pytest.approx(48.53, abs=0.005)
    assert value("chrf", README_ANSWERS, *README_REFERENCES) == pytest.approx(59.73, abs=0.005)


def test_questions_may_have_different_numbers_of_right_answers() -> None:
    """The same file as in the README, with one reference fewer for the last answer."""
    fewer = (*README_REFERENCES[:2], README_REFERENCES[2][:1])
    assert 0 < value("sacrebleu", README_ANSWERS, *fewer) < 48.53


def test_bleu_by_hand() -> None:
    """Runs of 1 to 4 words: 5/6, 3/5, 1/4, 0/3; the last is smoothed to 1 / (2 * 3). No brevity penalty."""
    expected = 100 * (5 / 6 * 3 / 5 * 1 / 4 * 1 / 6) ** 0.25
    assert value("sacrebleu", ("the cat sat on the mat",), ("the cat is on the mat",)) == pytest.approx(expected)


def test_bleu_punishes_short_answers() -> None:
    """All four precisions are 1; four words where five are right: exp(1 - 5/4)."""
    assert value("sacrebleu", ("the cat sat here",), ("the cat sat here now",)) == pytest.approx(100 * exp(1 - 5 / 4))


def test_similarity_by_hand() -> None:
    """abc and abd share 2 of 3 characters, 1 of 2 pairs, no triple: precision = recall = F = 7/18."""
    assert value("similarity", ("abc",), ("abd",)) == pytest.approx(7 / 18)
    assert value("similarity", ("abc", "x"), ("abd", "q"), ("x",)) == pytest.approx((7 / 18 + 1) / 2)


def test_chrf_weighs_recall_twice() -> None:
    """Precision 1; recall (2/4 + 1/3) / 2 = 5/12; F2 = 5 P R / (4 P + R)."""
    expected = 5 * (5 / 12) / (4 + 5 / 12)
    assert value("similarity", ("a b",), ("abcd",)) == pytest.approx(expected)
    assert value("chrf", ("a b",), ("abcd",)) == pytest.approx(100 * expected)


def test_chrf_works_in_any_script() -> None:
    assert value("similarity", ("รถของคนขับ",), ("รถของคนขับ",)) == pytest.approx(1.0)
    assert value("similarity", ("你好",), ("世界",)) == 0.0


def test_rouge_of_the_librarys_readme() -> None:
    """Target "The quick brown fox jumps over the lazy dog", answer "The quick brown dog jumps on the log".

    Of 8 words in the answer and 9 in the target 6 are shared, 2 of 7 and 8 pairs, and 5 in this order.
    """
    answer, target = ("The quick brown dog jumps on the log.",), ("The quick brown fox jumps over the lazy dog",)
    assert value("rouge1", answer, target) == pytest.approx(2 * 6 / (8 + 9))
    assert value("rouge2", answer, target) == pytest.approx(2 * 2 / (7 + 8))
    assert value("rougeL", answer, target) == pytest.approx(2 * 5 / (8 + 9))


def test_rouge_counts_english_words_as_the_librarys_own_tokenizer() -> None:
    from rouge_score.tokenizers import DefaultTokenizer

    from workbench.metrics.rouge import Words

    for text in ("Mia's dog, too: 3.5 snake_case e-mail", "", "\n A\tb  "):
        assert Words().tokenize(text) == DefaultTokenizer().tokenize(text)


def test_rouge_knows_letters_that_english_lacks() -> None:
    assert value("rouge1", ("él está allí",), ("él está aquí",)) == pytest.approx(2 / 3)


def test_accuracy_of_scikit_learns_example() -> None:
    """y_pred = [0, 2, 1, 3], y_true = [0, 1, 2, 3]: 0.5."""
    assert choose("accuracy", "0 1 2 3", "0 2 1 3") == 0.5


def test_macro_f1_of_scikit_learns_example() -> None:
    """y_true = [0, 1, 2, 0, 1, 2], y_pred = [0, 2, 1, 0, 0, 1]: 0.266... with average="macro"."""
    assert choose("macro_f1", "0 1 2 0 1 2", "0 2 1 0 0 1", "0 1 2") == pytest.approx(4 / 15)


def test_macro_f1_by_hand() -> None:
    """a: TP 1, FP 0, FN 1: 2/3. b: TP 2, FP 1, FN 0: 4/5. c is nowhere and does not count."""
    assert choose("macro_f1", "a a b b", "a b b b", "a b c") == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_an_answer_outside_the_labels_is_a_miss() -> None:
    assert choose("macro_f1", "a b", "a banana", "a b") == pytest.approx(0.5)


def test_mcc_of_scikit_learns_example() -> None:
    """y_true = [+1, +1, +1, -1], y_pred = [+1, -1, +1, +1]: -0.33..."""
    assert choose("mcc", "+1 +1 +1 -1", "+1 -1 +1 +1", "+1 -1") == pytest.approx(-1 / 3)


def test_mcc_by_hand() -> None:
    """TP 2, TN 1, FP 1, FN 0: (2 * 1 - 1 * 0) / sqrt(3 * 2 * 2 * 1) = 2 / sqrt(12)."""
    assert choose("mcc", "a a b b", "a a a b", "a b") == pytest.approx(2 / 12**0.5)


@pytest.mark.parametrize(("targets", "answers"), [("a a a", "a a a"), ("a b a", "a a a"), ("a a a", "a b a")])
def test_mcc_with_one_class_missing_is_zero(targets: str, answers: str) -> None:
    assert choose("mcc", targets, answers, "a b") == 0.0


def test_answers_that_are_no_label_are_one_class_to_mcc() -> None:
    assert choose("mcc", "a b b", "a x y", "a b") == choose("mcc", "a b b", "a x x", "a b")


def test_exact_match_sets_white_space_aside() -> None:
    assert value("exact_match", (" green  grass\n", "blue", "x"), ("green grass",), ("red", "blue"), ("y",)) == 2 / 3


def test_distinct_by_hand() -> None:
    """7 words and marks, of which a, b, c and . are different; a b, b c, c . and b . are the different pairs."""
    answers = ("A b c.", "a b.", "")
    nothing = (("",),) * 3
    assert value("distinct1", answers, *nothing) == pytest.approx(4 / 7)
    assert value("distinct2", answers, *nothing) == pytest.approx(4 / 7)
