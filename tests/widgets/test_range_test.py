"""The range test as a notebook shows it: curves, a rate to try, and what is said when it cannot be run."""

import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import workbench.widgets as wb
from workbench.errors import WorkbenchError
from workbench.tasks import TASKS
from workbench.views.rates import RateCurve
from workbench.widgets.picture import as_image
from workbench.widgets.rate_picture import rates_picture

SVG = "{http://www.w3.org/2000/svg}"
RATES = (1e-4, 1e-3, 1e-2, 1e-1)
FALLS = RateCurve("lora", 1e-3, RATES, (5.0, 4.8, 2.0, 9.0))
STAYS = RateCurve("prompt:start=<b>", 1e-1, RATES, (5.0, 5.0, 4.97, 5.1))


def test_a_rate_is_found_in_the_kernel_and_no_run_is_kept(home: Path) -> None:
    found = wb.rates(["full", "lora:rank=2"], model="pocket-gpt-nano", batch_size=4)
    assert [curve.label for curve in found.curves] == ["full", "lora:rank=2"]
    rate = found.suggested["full"]
    assert rate is not None and 1e-5 < rate < (found.curves[0].breaks or 10.0)
    bundle = found._repr_mimebundle_()
    assert f"{rate:.2g}" in bundle["text/plain"] and f"{rate:.2g}" in bundle["text/html"]
    assert "data:image/svg+xml;base64," in bundle["text/html"] and "lora:rank=2" in repr(found)
    assert not (home / "runs").exists()


def test_steps_are_how_many_rates_are_tried() -> None:
    (curve,) = wb.rates("full", model="pocket-gpt-nano", steps=3, batch_size=2, seed=1).curves
    assert len(curve.rates) == 3


def test_the_rate_of_a_head_is_looked_for_over_the_losses_of_whole_answers() -> None:
    words = {"model": "pocket-gpt-nano", "task": "feelings", "steps": 3, "batch_size": 4}
    (head,) = wb.rates("feature_based", objective="classification", **words).curves
    assert "training loss, smoothed (nats per answer)" in as_image(rates_picture([head]))
    labels = len(TASKS["feelings"]().labels())
    assert head.losses[0] == pytest.approx(math.log(labels), rel=0.3), "a random head guesses among the labels"


def test_the_ring_lies_on_the_curve_where_half_of_the_fall_is_done() -> None:
    root = ElementTree.fromstring(as_image(rates_picture([FALLS, STAYS])))
    (ring,) = root.findall(f"{SVG}circle")  # none for the curve that hardly falls
    points = [tuple(map(float, point.split())) for point in root.findall(f"{SVG}path")[0].get("d", "")[1:].split("L")]
    assert (float(ring.get("cx", 0)), float(ring.get("cy", 0))) == pytest.approx(points[2], abs=0.1)
    steps = [after[0] - before[0] for before, after in zip(points, points[1:], strict=False)]
    assert steps == pytest.approx([steps[0]] * 3, abs=0.2), "each power of ten is as wide as the next"
    assert points[3][1] == pytest.approx(14.0), "a loss that broke ends at the top"
    texts = {text.text for text in root.findall(f"{SVG}text")}
    assert {"0.0001", "0.1", "prompt:start=<b>", "learning rate of the step"} <= texts


def test_the_rates_are_told_in_words() -> None:
    assert "lora 0.01, own rate 0.001; prompt:start=<b> -, own rate 0.1" in rates_picture([FALLS, STAYS]).label
    assert "<b>" not in wb.Rates((STAYS,))._repr_mimebundle_()["text/html"]
    assert "No loss was a number" in as_image(rates_picture([RateCurve("lora", 1e-3, (), ())]))


@pytest.mark.parametrize(
    "words, told",
    [
        ({"methods": "none"}, "one that trains"),
        ({"methods": []}, "methods is []"),
        ({"methods": "lorra"}, "Did you mean lora"),
        ({"model": "pocket-gtp"}, "pocket-gtp"),
        ({"batch_size": 0}, "budget:batch_size is 0"),
        ({"objective": "clasification"}, "Did you mean classification"),
        ({"objective": "classification"}, "chooses among a few labels"),
        ({"stepps": 5}, "Did you mean steps"),
    ],
)
def test_what_cannot_be_run_is_one_sentence(words: dict, told: str) -> None:
    with pytest.raises(WorkbenchError) as caught:
        wb.rates(**words)
    assert told in str(caught.value)
