"""A run's look: safe colours, and no two alike."""

import pytest

from workbench.views.colour import PALETTE, styles


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", PALETTE)
@pytest.mark.parametrize("page", ["#ffffff", "#15181c"])
def test_every_colour_stands_out_on_a_white_and_on_a_dark_page(colour: str, page: str) -> None:
    assert contrast(colour, page) >= 3


def test_a_method_keeps_its_colour_from_race_to_race() -> None:
    assert styles([3])[0].colour == styles([0, 1, 3])[2].colour == PALETTE[3]


def test_runs_that_would_share_a_colour_are_told_apart() -> None:
    looks = styles([2, 2, 10, 5])
    assert len({look.colour for look in looks}) == 4
    assert looks[0].colour == PALETTE[2]


def test_more_runs_than_colours_differ_in_dash() -> None:
    looks = styles([1] * 40)
    assert len({(look.colour, look.dash) for look in looks}) == 40
