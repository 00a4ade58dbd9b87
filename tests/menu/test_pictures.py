"""Pictures: every piece is drawn once, what moves has the method's colour, and texts cannot become markup."""

import re
from itertools import product
from xml.etree import ElementTree

import pytest

from workbench.errors import SpecError
from workbench.ideas import IDEAS
from workbench.menu.bars import Bar, bars
from workbench.menu.counts import pieces
from workbench.menu.figures import colour_of, idea_figure, method_figure
from workbench.menu.svg import WIDTH, Picture, as_file, inline
from workbench.menu.xray import rows, xray
from workbench.methods import METHODS
from workbench.models.catalog import find_card
from workbench.spec import Choice

HOSTILE = "\"><script>window.hacked=1</script><img src=x onerror=hack()> & '"
COLOUR = "#123456"
SVG = "{http://www.w3.org/2000/svg}"


def drawn(picture: Picture) -> ElementTree.Element:
    """The picture read back as XML."""
    return ElementTree.fromstring(as_file(picture))


def cells(root: ElementTree.Element) -> dict[str, list[ElementTree.Element]]:
    """The rectangles of the picture by what they say of themselves; those of the legend say nothing."""
    found: dict[str, list[ElementTree.Element]] = {}
    for box in root.iter(f"{SVG}rect"):
        if (title := box.find(f"{SVG}title")) is not None:
            found.setdefault(title.text or "", []).append(box)
    return found


@pytest.mark.parametrize(("model", "method"), list(product(["pocket-gpt", "gpt2", "llama-7b"], METHODS)))
def test_every_piece_of_the_anatomy_is_in_one_cell_and_every_cell_is_drawn(model: str, method: str) -> None:
    try:
        parts = pieces(find_card(model), Choice(method))
    except SpecError:
        pytest.skip(f"{method} does not serve {model}")
    shown = rows(parts)
    held = [piece["name"] for row in shown for cell in row.cells for piece in cell.pieces]
    assert sorted(held) == sorted(piece["name"] for piece in parts)
    found = cells(drawn(xray("A model", parts, COLOUR)))
    assert len(found) == sum(len(row.cells) for row in shown)
    for row in shown:
        for cell in row.cells:
            where = "" if row.block is None else f"{row.name}, "
            (text,) = (text for text in found if text.startswith(f"{where}{cell.role.replace('_', ' ')}: "))
            assert (COLOUR in {box.get("fill") for box in found[text]}) == (cell.moving > 0)
            assert f"{sum(piece['count'] for piece in cell.pieces):,} numbers" in text


def test_frozen_trained_new_and_partly_moving_cells_look_different() -> None:
    def look(method: str, text: str) -> list[tuple[str | None, ...]]:
        boxes = next(held for told, held in cells(drawn(method_figure(method))).items() if told.startswith(text))
        return [(box.get("fill"), box.get("fill-opacity"), box.get("stroke")) for box in boxes]

    assert look("none", "block 0, attention query") == [(None, "0.18", None)]
    assert look("full", "block 0, attention query") == [(colour_of("full"), None, None)]
    assert look("lora", "block 0, attention query") == [(None, "0.18", None), (colour_of("lora"), None, None)]
    assert look("prompt", "soft prompt") == [(colour_of("prompt"), "0.4", colour_of("prompt"))]
    assert look("last_layers", "block 3")[0][0] is None and look("last_layers", "block 4")[0][0]


def test_what_comes_before_the_blocks_is_drawn_before_them() -> None:
    def names(method: str) -> dict[str, list[str]]:
        return {
            row.name: [cell.role for cell in row.cells]
            for row in rows(pieces(find_card("pocket-gpt"), Choice(method)))
            if row.block is None
        }

    assert names("prompt") == {"before": ["embedding", "soft_prompt"], "after": ["final_norm"]}
    assert names("prefix")["before"] == ["embedding", "prefix"]
    assert names("feature_based")["after"] == ["final_norm", "output_head"]


@pytest.mark.parametrize("method", list(METHODS))
def test_a_picture_says_in_words_what_moves(method: str) -> None:
    label = method_figure(method).label
    moving = sum(part["count"] for part in pieces(find_card("pocket-gpt"), Choice(method)) if part["state"] != "frozen")
    assert label.startswith(f"{METHODS[method].title} in pocket-gpt")
    if not moving:
        assert label.endswith("nothing moves.")
    elif moving == find_card("pocket-gpt").parameters:
        assert label.endswith("everything moves.")
    else:
        told = [int(count.replace(",", "")) for count in re.findall(r"([\d,]+) numbers", label)]
        assert sum(told) == moving and "Everything else is frozen." in label


@pytest.mark.parametrize("idea", list(IDEAS))
def test_every_idea_has_a_picture_that_fits_and_is_told(idea: str) -> None:
    picture = idea_figure(IDEAS[idea].figure)
    root = drawn(picture)
    assert root.get("role") == "img" and root.get("aria-label") == picture.label
    for box in root.iter(f"{SVG}rect"):
        left, wide = float(box.get("x", "")), float(box.get("width", ""))
        assert left >= 0 and wide >= 0 and left + wide <= WIDTH + 0.5
        assert float(box.get("y", "")) + float(box.get("height", "")) <= picture.height


def test_bars_are_as_long_as_their_numbers_and_told_with_them() -> None:
    shown = [Bar("half", "5 of 10", COLOUR, (2.0, 3.0)), Bar("whole", "10", COLOUR, (8.0,), spread=2.0)]
    picture = bars("Lengths", shown, ("a", "b"))
    found = cells(drawn(picture))
    assert [float(box.get("width", "")) for box in found["half: 5 of 10"]] == [72, 108]
    assert [float(box.get("width", "")) for box in found["whole: 10"]] == [288]
    assert picture.label == "Lengths. half: 5 of 10; whole: 10."
    assert len(list(drawn(picture).iter(f"{SVG}line"))) == 3


def test_no_text_becomes_markup() -> None:
    part = {"name": HOSTILE, "block": 0, "role": HOSTILE, "state": "trained", "shape": (1,), "count": 1, "formula": ""}
    outside = {**part, "block": None, "state": "frozen"}
    for picture in (xray(HOSTILE, [part, outside], HOSTILE), bars(HOSTILE, [Bar(HOSTILE, HOSTILE, HOSTILE, (1.0,))])):
        root = drawn(picture)
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {"svg", "style", "rect", "text", "title"}
        assert HOSTILE in (root.get("aria-label") or "")
        assert "<script" not in inline(picture) and "<img" not in inline(picture)
