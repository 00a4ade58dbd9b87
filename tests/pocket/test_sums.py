"""Sums: every line of arithmetic in the corpus is right."""

import re

from workbench.pocket import documents, is_correct_answer, sum_questions

PLAIN = re.compile(r"(\d+) ([+-]) (\d+) = (\d+)")
ASKED = re.compile(r"What is (\d+) (plus|minus) (\d+)\? Answer: (\d+)\.")
STORY = re.compile(r"has (\d+) \w+\..*?(gives him|gives her|finds|gives|eats) (\d+) .*Answer: (\d+)\.")


def is_right(a, sign, b, result):
    plus = sign in ("+", "plus", "finds", "gives him", "gives her")
    return int(result) == (int(a) + int(b) if plus else int(a) - int(b))


def test_every_sum_is_right():
    text = "\n".join(d.text for d in documents(4, 1500, ["sums"]))
    for pattern in (PLAIN, ASKED, STORY):
        found = pattern.findall(text)
        assert len(found) > 300
        assert all(is_right(*row) for row in found)


def test_most_sums_stay_within_ten():
    text = "\n".join(d.text for d in documents(4, 800, ["sums"]))
    sums = [max(int(a), int(result)) for a, _, _, result in PLAIN.findall(text)]
    assert sum(number <= 10 for number in sums) / len(sums) > 0.75
    assert max(sums) <= 20


def test_questions_have_the_format_of_the_corpus_and_the_right_answer():
    for question in sum_questions(2, 300, up_to=10):
        line = f"{question.prompt} {question.answer}."
        ((a, sign, b, result),) = ASKED.findall(line)
        assert is_right(a, sign, b, result)
        assert max(int(a), int(result)) <= 10
        assert is_correct_answer(f" {question.answer}.", question.answer)
    assert list(sum_questions(2, 5)) == list(sum_questions(2, 5))
