"""Tiny Python functions, each with examples that hold."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

WORDS = (
    "cat",
    "dog",
    "sun",
    "moon",
    "apple",
    "tree",
    "red",
    "blue",
    "house",
    "ball",
    "frog",
    "star",
    "boat",
    "milk",
    "hat",
    "bird",
    "sea",
    "book",
)
NAMES = ("Mia", "Tom", "Ana", "Leo", "Nora", "Max", "Eva", "Ben")


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of function: its source with a constant `K`, what it computes, what it is fed."""

    source: str
    result: Callable
    arguments: Callable

    @property
    def name(self) -> str:
        """Return the function's name, in which `K` may stand for the constant."""
        return self.source[4 : self.source.index("(")]


def _number(random) -> tuple:
    return (int(random() * 13),)


def _signed(random) -> tuple:
    return (int(random() * 21) - 10,)


def _two(random) -> tuple:
    return int(random() * 10), int(random() * 10)


def _word(random) -> tuple:
    return (WORDS[int(random() * len(WORDS))],)


def _two_words(random) -> tuple:
    return WORDS[int(random() * len(WORDS))], WORDS[int(random() * len(WORDS))]


def _name(random) -> tuple:
    return (NAMES[int(random() * len(NAMES))],)


def _list(random) -> tuple:
    return ([int(random() * 10) for _ in range(1 + int(random() * 4))],)


def _body(head: str, *lines: str) -> str:
    return "\n".join((head, *(f"    {line}" for line in lines)))


FAMILIES = (
    Family(_body("def add_K(n):", "return n + K"), lambda k, n: n + k, _number),
    Family(_body("def subtract_K(n):", "return n - K"), lambda k, n: n - k, _number),
    Family(_body("def times_K(n):", "return n * K"), lambda k, n: n * k, _number),
    Family(_body("def double(n):", "return n * 2"), lambda k, n: n * 2, _number),
    Family(_body("def triple(n):", "return n * 3"), lambda k, n: n * 3, _number),
    Family(_body("def square(n):", "return n * n"), lambda k, n: n * n, _number),
    Family(_body("def half(n):", "return n // 2"), lambda k, n: n // 2, _number),
    Family(_body("def negative(n):", "return -n"), lambda k, n: -n, _number),
    Family(_body("def next_number(n):", "return n + 1"), lambda k, n: n + 1, _number),
    Family(
        _body("def last_digit(n):", "return n % 10"),
        lambda k, n: n % 10,
        lambda r: (int(r() * 100),),
    ),
    Family(_body("def is_even(n):", "return n % 2 == 0"), lambda k, n: n % 2 == 0, _number),
    Family(_body("def is_odd(n):", "return n % 2 == 1"), lambda k, n: n % 2 == 1, _number),
    Family(_body("def is_K(n):", "return n == K"), lambda k, n: n == k, _number),
    Family(_body("def more_than_K(n):", "return n > K"), lambda k, n: n > k, _number),
    Family(_body("def less_than_K(n):", "return n < K"), lambda k, n: n < k, _number),
    Family(_body("def add(a, b):", "return a + b"), lambda k, a, b: a + b, _two),
    Family(_body("def subtract(a, b):", "return a - b"), lambda k, a, b: a - b, _two),
    Family(_body("def multiply(a, b):", "return a * b"), lambda k, a, b: a * b, _two),
    Family(_body("def same(a, b):", "return a == b"), lambda k, a, b: a == b, _two),
    Family(
        _body("def biggest(a, b):", "if a > b:", "    return a", "return b"),
        lambda k, a, b: max(a, b),
        _two,
    ),
    Family(
        _body("def smallest(a, b):", "if a < b:", "    return a", "return b"),
        lambda k, a, b: min(a, b),
        _two,
    ),
    Family(
        _body("def absolute(n):", "if n < 0:", "    return -n", "return n"),
        lambda k, n: abs(n),
        _signed,
    ),
    Family(
        _body("def size(n):", "if n > K:", '    return "big"', "else:", '    return "small"'),
        lambda k, n: "big" if n > k else "small",
        _number,
    ),
    Family(
        _body("def kind(n):", "if n % 2 == 0:", '    return "even"', 'return "odd"'),
        lambda k, n: "odd" if n % 2 else "even",
        _number,
    ),
    Family(
        _body(
            "def sum_to(n):",
            "total = 0",
            "for i in range(n + 1):",
            "    total += i",
            "return total",
        ),
        lambda k, n: n * (n + 1) // 2,
        lambda r: (int(r() * 6),),
    ),
    Family(
        _body(
            "def count_to(n):",
            "numbers = []",
            "for i in range(n):",
            "    numbers.append(i + 1)",
            "return numbers",
        ),
        lambda k, n: list(range(1, n + 1)),
        lambda r: (int(r() * 5),),
    ),
    Family(
        _body("def greet(name):", 'return "Hello, " + name'),
        lambda k, name: "Hello, " + name,
        _name,
    ),
    Family(
        _body("def goodbye(name):", 'return "Goodbye, " + name'),
        lambda k, name: "Goodbye, " + name,
        _name,
    ),
    Family(_body("def first_letter(word):", "return word[0]"), lambda k, word: word[0], _word),
    Family(_body("def last_letter(word):", "return word[-1]"), lambda k, word: word[-1], _word),
    Family(_body("def shout(word):", "return word.upper()"), lambda k, word: word.upper(), _word),
    Family(_body("def twice(word):", "return word + word"), lambda k, word: word * 2, _word),
    Family(_body("def repeat_K(word):", "return word * K"), lambda k, word: word * k, _word),
    Family(_body("def length(word):", "return len(word)"), lambda k, word: len(word), _word),
    Family(_body("def backwards(word):", "return word[::-1]"), lambda k, word: word[::-1], _word),
    Family(
        _body("def starts_with_s(word):", 'return word[0] == "s"'),
        lambda k, word: word[0] == "s",
        _word,
    ),
    Family(
        _body("def count_e(word):", 'return word.count("e")'),
        lambda k, word: word.count("e"),
        _word,
    ),
    Family(_body("def join(a, b):", 'return a + " " + b'), lambda k, a, b: f"{a} {b}", _two_words),
    Family(_body("def many(word):", 'return word + "s"'), lambda k, word: word + "s", _word),
    Family(_body("def first(items):", "return items[0]"), lambda k, items: items[0], _list),
    Family(_body("def last(items):", "return items[-1]"), lambda k, items: items[-1], _list),
    Family(_body("def count(items):", "return len(items)"), lambda k, items: len(items), _list),
    Family(_body("def reverse(items):", "return items[::-1]"), lambda k, items: items[::-1], _list),
    Family(_body("def has_K(items):", "return K in items"), lambda k, items: k in items, _list),
    Family(_body("def maximum(items):", "return max(items)"), lambda k, items: max(items), _list),
    Family(_body("def in_order(items):", "return sorted(items)"), lambda k, items: sorted(items), _list),
    Family(
        _body(
            "def total(items):",
            "result = 0",
            "for item in items:",
            "    result += item",
            "return result",
        ),
        lambda k, items: sum(items),
        _list,
    ),
    Family(
        _body("def doubled(items):", "return [n * 2 for n in items]"),
        lambda k, items: [n * 2 for n in items],
        _list,
    ),
    Family(
        _body("def only_even(items):", "return [n for n in items if n % 2 == 0]"),
        lambda k, items: [n for n in items if n % 2 == 0],
        _list,
    ),
    Family(
        _body("def add_to_all(items):", "return [n + K for n in items]"),
        lambda k, items: [n + k for n in items],
        _list,
    ),
)


def _function(random) -> str:
    """Write one function and one or two examples of it."""
    family = FAMILIES[int(random() * len(FAMILIES))]
    constant = 2 + int(random() * 8)
    source = family.source.replace("K", str(constant))
    name = family.name.replace("K", str(constant))
    examples = []
    for _ in range(1 + (random() < 0.6)):
        arguments = family.arguments(random)
        shown = ", ".join([_literal(value) for value in arguments])
        example = f"assert {name}({shown}) == {_literal(family.result(constant, *arguments))}"
        if example not in examples:
            examples.append(example)
    return "\n".join((source, "", *examples))


def _literal(value) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def write(rng: Random) -> str:
    """Write a document of one or two functions with their examples, ending in a newline."""
    random = rng.random
    functions = [_function(random) for _ in range(1 + (random() < 0.4))]
    return "\n\n\n".join(functions) + "\n"


def python_prompts(seed: int, count: int) -> list[str]:
    """Return beginnings for sampling: "def" alone, then heads of known functions.

    They end without white space, which the tokenizer joins to what follows.
    """
    prompts = ["def"]
    for index in range(1, count):
        random = Random(f"python prompt {seed} {index}").random
        prompts.append(_function(random).split("\n", 1)[0])
    return prompts[:count]
