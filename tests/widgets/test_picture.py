import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from typing import Any

from workbench.report.race import shown
from workbench.runs.summary import read_history
from workbench.widgets.picture import Scale, as_image, curves_picture, described
from workbench.widgets.tables import results_html

SVG = "{http://www.w3.org/2000/svg}"


def runs_of(folders: Any) -> Any:
    return shown([folder.spec() for folder in folders], [read_history(folder) for folder in folders])


def test_every_run_has_its_two_curves_and_a_marker_at_each_evaluation(raced: Any) -> None:
    root = ElementTree.fromstring(as_image(curves_picture(runs_of(raced("full", "lora", steps=3)))))
    assert len(root.findall(f"{SVG}path")) == 4
    assert len(root.findall(f"{SVG}circle")) == 4  # two evaluations each
    named = {text.text for text in root.findall(f"{SVG}text")}
    assert {"full", "lora", "loss (nats per token)", "optimizer step"} <= named
    assert root.get("width") == "720"


def test_a_head_s_losses_are_drawn_and_listed_per_answer(raced: Any) -> None:
    words = runs_of(raced("lora"))
    head = [replace(run, label="head", group="head", unit="nats per answer") for run in words]
    assert "loss (nats per answer)" in as_image(curves_picture(head))
    assert "Held-out loss in nats per answer: head" in described(head)
    assert "nats per answer on examples never trained on" in results_html(head)
    both = as_image(curves_picture([*words, *head]))
    assert "loss (unlike units: not to be compared)" in both
    assert "Held-out loss in nats per token or nats per answer:" in described([*words, *head])


def test_curves_lie_where_their_numbers_say(raced: Any) -> None:
    picture = curves_picture(runs_of(raced("lora", steps=2)))
    root = ElementTree.fromstring(as_image(picture))
    first, last = root.findall(f"{SVG}circle")
    assert float(first.get("cy", 0)) < float(last.get("cy", 0))  # 3.0 above 1.5
    assert float(first.get("cx", 0)) == 36  # step 0, where the axis begins


def test_a_run_that_trains_nothing_is_a_dotted_level(raced: Any) -> None:
    root = ElementTree.fromstring(as_image(curves_picture(runs_of(raced("none")))))
    assert any(path.get("stroke-dasharray") == "2 3" for path in root.findall(f"{SVG}path"))


def test_the_picture_is_told_in_words(raced: Any, queued: Any) -> None:
    assert "full 1.500 after step 4, lora 1.250 after step 4" in described(runs_of(raced("full", "lora")))
    assert "nothing is measured" in curves_picture(runs_of(queued("lora"))).label


def test_ticks_are_round_and_within() -> None:
    assert Scale(0.0, 40.0, 0, 100).ticks() == [0, 10, 20, 30, 40]
    ticks = Scale(0.83, 2.9, 0, 100).ticks()
    assert [round(tick, 6) for tick in ticks] == [1.0, 1.5, 2.0, 2.5]
    assert Scale(0.0, 1.0, 0, 100).ticks()[0] == 0
