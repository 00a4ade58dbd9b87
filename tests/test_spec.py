"""Choices as they are typed, and the steps at which a budget wants something."""

import pytest

from workbench.errors import SpecError
from workbench.spec import Budget, Choice, parse_choice, parse_choices


@pytest.mark.parametrize(
    ("text", "knobs"),
    [
        ("lora", {}),
        ("lora:rank=4:alpha=8", {"rank": "4", "alpha": "8"}),
        ("own_file:path=C:\\data\\mine.csv", {"path": "C:\\data\\mine.csv"}),
        ("own_file:path=C:/data/mine.csv:prompt_column=ask", {"path": "C:/data/mine.csv", "prompt_column": "ask"}),
        ("own_file:path=/data/a:b=c.csv", {"path": "/data/a", "b": "c.csv"}),  # looks like a knob, so it is one
        (" lora : rank = 4 ", {"rank": "4"}),
    ],
)
def test_a_choice_is_a_name_and_its_knobs(text: str, knobs: dict[str, str]) -> None:
    choice = parse_choice(text)
    assert (choice.name, dict(choice.knobs)) == (text.split(":")[0].strip(), knobs)


@pytest.mark.parametrize("text", ["lora:rank", "lora:", "lora:=4", "lora:rank="])
def test_a_setting_without_a_knob_is_named(text: str) -> None:
    with pytest.raises(SpecError, match="a setting of lora"):
        parse_choice(text)


@pytest.mark.parametrize("choice", [Choice("lora", {"rank": "4"}), Choice("own_file", {"path": "D:/x.csv"})])
def test_a_choice_is_read_as_it_is_written(choice: Choice) -> None:
    assert parse_choice(str(choice)) == choice


def test_a_killed_run_loses_a_hundred_steps_at_most() -> None:
    assert Budget(steps=150).checkpoint_steps() == [150]  # one at 100 would be too near to the end
    assert Budget(steps=420).checkpoint_steps() == [100, 200, 300, 420]
    assert Budget(steps=20).checkpoint_steps() == [20]
    assert Budget(steps=20, checkpoint_every=8).checkpoint_steps() == [8, 20]


@pytest.mark.parametrize(
    ("texts", "choices"),
    [
        (["full,lora:rank=4", "prefix"], ["full", "lora:rank=4", "prefix"]),
        (["lora:rank=2,4, 8"], ["lora:rank=2", "lora:rank=4", "lora:rank=8"]),
        (
            ["lora:rank=2,4:alpha=8,.5,full"],
            [f"lora:rank={r}:alpha={a}" for r in (2, 4) for a in ("8", ".5")] + ["full"],
        ),
        (["lora:dora=true,false", "ia3,"], ["lora:dora=true", "lora:dora=false", "ia3"]),
        (["prompt:text=One day, Mia"], ["prompt:text=One day", "Mia"]),
    ],
)
def test_several_numbers_for_a_knob_are_a_grid(texts: list[str], choices: list[str]) -> None:
    assert [str(choice) for choice in parse_choices(texts)] == choices
