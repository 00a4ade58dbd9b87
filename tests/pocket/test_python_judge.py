"""The Python judge: right programs pass, wrong ones fail, hostile ones do nothing."""

import time

import pytest

from workbench.pocket import documents, judge_python, python_prompts
from workbench.pocket.python_judge import MOST_CHARACTERS


def test_every_program_of_the_corpus_passes():
    for document in documents(9, 1200, ["python"]):
        assert judge_python(document.text), document.text


def test_a_changed_result_fails():
    for document in documents(9, 300, ["python"]):
        head, result = document.text.rstrip().rsplit(" == ", 1)
        wrong = f"not {result}" if result in ("True", "False") else f"[{result}]"
        assert not judge_python(f"{head} == {wrong}")


@pytest.mark.parametrize(
    "text",
    [
        "def f(n):\n    return n * n\n\nassert f(3) == 9",
        "def f(n):\n    while n < 5:\n        n += 1\n    return n\nassert f(1) == 5",
        "def g(n):\n    return n + 1\ndef f(n):\n    return g(g(n))\nassert f(1) == 3",
        "def f(a, b):\n    return a if a > b else b\nassert f(1, 2) == 2",
        "def f(s):\n    return s[1:]\nassert f('abc') == 'bc'",
    ],
)
def test_right_programs_pass(text):
    assert judge_python(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "def ", "def f(n):", "hello there", "assert 1 == 1", "def f(n):\n    return n",
        "def f(n):\n    return n * n\n\nassert f(3) == 8",
        "def f(n):\n    return n\nassert f(1) == 1\nassert f(2) == 3",
        "def f(n):\n    return m\nassert f(1) == 1",
        "def f(n):\n    return n / 0\nassert f(1) == 1",
        "def f(n):\n    return n[5]\nassert f([1]) == 1",
        "def f(n):\n    return n\nassert f(1, 2) == 1",
        "def f(n):\n    return n\nassert f(3)",
        "return 3",
        "def f(n):\n    return n\nassert f('a') + 1 == 2",
    ],
)  # fmt: skip
def test_wrong_programs_fail(text):
    assert not judge_python(text)


@pytest.mark.parametrize(
    "body",
    [
        "import os", "__import__('os')", "open('/etc/passwd')", "exec('1')", "eval('1')",
        "print(1)",
        "().__class__", "f.__globals__", "''.join(['a'])", "'%999999999d' % 1", "'{}'.format(1)",
        "9 ** 9 ** 9", "1 << 10 ** 9", "'a' * 10 ** 9", "[0] * 999999999", "999999999 * 'ab'",
        "range(10 ** 12)", "f(n)", "[x for x in range(900) for y in range(900)]", "lambda: 1",
        "globals()", "sum([9 * 10] * 900) * 10 ** 900", "int('9' * 900)", "str(9) * 9999",
    ],
)  # fmt: skip
def test_hostile_programs_are_refused_at_once(body):
    statement = body if body.startswith("import") else f"return {body}"
    start = time.monotonic()
    assert not judge_python(f"def f(n):\n    {statement}\n\nassert f(1) == 1")
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    "text",
    [
        "while True:\n    x = 1",
        "def f(n):\n    while True:\n        n += 1\nassert f(1) == 1",
        "x = 'ab'\nwhile True:\n    x = x + x",
        "x = [1]\nfor i in range(900):\n    x = x + x",
        "x = 7\nwhile True:\n    x = x * x",
        "x = [1]\nfor i in x:\n    x.append(i)\nwhile True:\n    x.append(1)",
        "def f(n):\n    return f(n) + f(n)\nassert f(1) == 1",
        "(" * 300 + ")" * 300,
        "x = " + "-" * 3000 + "1",
        "x" * (MOST_CHARACTERS + 1),
        "def f(n=[]):\n    return n\nassert f(1) == 1",
        "@f\ndef f(n):\n    return n\nassert f(1) == 1",
        "class A:\n    pass",
        "\x00",
    ],
)
def test_endless_and_strange_programs_come_to_an_end(text):
    start = time.monotonic()
    assert not judge_python(text)
    assert time.monotonic() - start < 2


def test_prompts_begin_functions():
    prompts = python_prompts(1, 20)
    assert prompts[0] == "def"
    assert all(prompt.startswith("def ") and prompt.endswith("):") for prompt in prompts[1:])
