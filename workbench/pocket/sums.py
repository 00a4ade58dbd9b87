"""Small arithmetic: plain sums, questions and word problems."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from workbench.pocket import wordlists

SMALL_SHARE = 0.8  # sums up to ten; the rest go up to twenty
MINUS_SHARE = 0.35
PEOPLE = wordlists.people()
FOODS = tuple((row[0], row[1]) for row in wordlists.FOODS)
NUMBERS = wordlists.NUMBERS


def _numbers(random, up_to: int) -> tuple[int, int]:
    """Draw a and b with a + b at most `up_to`."""
    while True:
        a, b = int(random() * (up_to + 1)), int(random() * (up_to + 1))
        if a + b <= up_to:
            return a, b


def _pair(random) -> tuple[int, int]:
    return _numbers(random, 10 if random() < SMALL_SHARE else 20)


def _plain(random) -> str:
    a, b = _pair(random)
    if random() < MINUS_SHARE:
        return f"{a + b} - {b} = {a}"
    return f"{a} + {b} = {a + b}"


def _question(random) -> str:
    a, b = _pair(random)
    if random() < MINUS_SHARE:
        return f"Question: What is {a + b} minus {b}? Answer: {a}."
    return f"Question: What is {a} plus {b}? Answer: {a + b}."


def _spoken(random) -> str:
    a, b = _numbers(random, 10)
    if random() < MINUS_SHARE:
        return f"{NUMBERS[a + b]} minus {NUMBERS[b]} is {NUMBERS[a]}.".capitalize()
    return f"{NUMBERS[a]} plus {NUMBERS[b]} is {NUMBERS[a + b]}.".capitalize()


def _bigger(random) -> str:
    a = int(random() * 20)
    b = (a + 1 + int(random() * 19)) % 20
    if random() < 0.5:
        return f"Question: Which is more, {a} or {b}? Answer: {max(a, b)}."
    return f"Question: What comes after {a}? Answer: {a + 1}."


def _word_problem(random) -> str:
    name, _, _, female = PEOPLE[int(random() * len(PEOPLE))]
    other = PEOPLE[int(random() * len(PEOPLE))][0]
    while other == name:
        other = PEOPLE[int(random() * len(PEOPLE))][0]
    food = FOODS[int(random() * len(FOODS))]
    a, b = _pair(random)
    a, b = a + 1, b + 1
    he, him = ("she", "her") if female else ("he", "him")
    if random() < 0.6:
        told = (
            f"{name} has {_count(a, food)}. {other} gives {him} {_count(b, food)}.",
            f"{name} has {_count(a, food)}. Then {he} finds {_count(b, food)}.",
        )[int(random() * 2)]
        result = a + b
    else:
        told = (
            f"{name} has {_count(a + b, food)}. {name} gives {_count(b, food)} to {other}.",
            f"{name} has {_count(a + b, food)}. Then {he} eats {_count(b, food)}.",
        )[int(random() * 2)]
        result = a
    return f"{told} Question: How many {food[1]} does {name} have? Answer: {result}."


def _count(number: int, food: tuple[str, str]) -> str:
    return f"{number} {food[number != 1]}"


LINES = (
    _plain,
    _plain,
    _question,
    _question,
    _question,
    _question,
    _word_problem,
    _spoken,
    _bigger,
)


def write(rng: Random) -> str:
    """Write one document of several sums."""
    random = rng.random
    wanted = 4 + int(random() * 4)
    if random() < 0.4:
        line = LINES[int(random() * len(LINES))]
        return "\n".join([line(random) for _ in range(wanted if line is not _word_problem else 3)])
    lines = [LINES[int(random() * len(LINES))] for _ in range(wanted)]
    return "\n".join([line(random) for line in lines])


@dataclass(frozen=True, slots=True)
class SumQuestion:
    """A prompt that ends in "Answer:" and the right number, as text."""

    prompt: str
    answer: str


def sum_questions(seed: int, count: int, up_to: int = 10) -> Iterator[SumQuestion]:
    """Yield fresh "What is a plus b?" questions with a sum of at most `up_to`."""
    for index in range(count):
        random = Random(f"sum question {seed} {index}").random
        a, b = _numbers(random, up_to)
        if random() < MINUS_SHARE:
            yield SumQuestion(f"Question: What is {a + b} minus {b}? Answer:", str(a))
        else:
            yield SumQuestion(f"Question: What is {a} plus {b}? Answer:", str(a + b))
