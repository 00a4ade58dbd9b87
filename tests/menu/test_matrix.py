"""The table of methods and families says what the methods say."""

from workbench.menu.matrix import EXAMPLES, as_markdown, matrix
from workbench.methods import METHODS


def test_every_method_serves_a_family_or_says_in_a_sentence_why_not() -> None:
    told = matrix()
    assert set(told) == set(METHODS)
    for row in told.values():
        assert set(row) == set(EXAMPLES) and not all(row.values())
        assert all(reason.endswith(".") for reason in row.values() if reason)
    assert told["bitfit"]["Llama"] and not told["bitfit"]["Llama with biases"]
    assert not any(told["lora"].values())


def test_a_reason_that_several_methods_share_is_told_once() -> None:
    text = as_markdown()
    notes = [line for line in text.splitlines() if line[:1].isdigit()]
    assert len(notes) == len({note.partition(". ")[2] for note in notes})
    assert "| BitFit | no (1) | yes |" in text
