"""Anatomy and comparison as a notebook shows them."""

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

import workbench.widgets as wb
from workbench.errors import WorkbenchError
from workbench.widgets.comparison import PICTURES
from workbench.widgets.still import WIDGET


def test_an_x_ray_has_its_notes_below_it() -> None:
    bundle = wb.anatomy("prefix", "gpt2")._repr_mimebundle_()
    assert bundle["text/html"].endswith("<p>The network is dropped after training; its output is kept.</p>")
    assert "data:image/svg+xml;base64," in bundle["text/html"] and "network is dropped" in bundle["text/plain"]
    assert "text/html" not in wb.anatomy("lora", "gpt2")._repr_mimebundle_()


def test_anatomy_draws_a_model_that_is_not_on_this_machine() -> None:
    drawn = wb.anatomy("lora", "gpt2")
    bundle = drawn._repr_mimebundle_()
    ElementTree.fromstring(bundle["image/svg+xml"])
    assert "blocks 0 to 11" in bundle["text/plain"]
    assert drawn.counts["trainable"] == sum(p["count"] for p in drawn.pieces if p["state"] != "frozen")


@pytest.mark.parametrize("words, told", [(("lorra",), "Did you mean lora"), (("lora", "gpt3"), "gpt3")])
def test_an_unknown_name_is_one_sentence(words: tuple[str, ...], told: str) -> None:
    with pytest.raises(WorkbenchError, match=told):
        wb.anatomy(*words)


def test_a_comparison_has_findings_numbers_and_pictures(raced: Any) -> None:
    raced("full")
    raced("lora", steps=6)
    side = wb.compare(wb.runs())
    assert side.findings
    assert [row["loss"] for row in side.results] == [1.5, 1.5]
    bundle = side._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg")
    assert "Where the set-ups differ" in bundle["text/html"] and "steps" in bundle["text/html"]
    assert "Perplexity" in bundle["text/html"].split("<details>")[1]
    assert "1.500" in bundle["text/plain"]
    assert WIDGET in bundle


def test_every_picture_of_a_comparison_can_be_chosen(raced: Any) -> None:
    from workbench.widgets.comparison import _widget

    side = wb.compare(raced("full", "lora"))
    box = _widget(side.still(), side.runs)
    for name in PICTURES:
        box.children[0].value = name
        assert len(box.children[2].children) == 1


def test_the_package_is_light_to_import() -> None:
    import subprocess
    import sys

    code = (
        "import workbench.widgets, sys; print(sorted({'torch', 'peft', 'transformers', 'gradio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
