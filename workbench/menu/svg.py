"""Pictures as SVG text: what stands in them is escaped, and their ink is that of the page around them."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

WIDTH = 360  # of every picture, so that letters keep their size on a phone
LETTER = 6.6  # width of a letter at 11 pixels, near enough to place words
FONT = "system-ui, sans-serif"
INK = (
    "<style>svg{color:#1b1f24;background:#fff}"
    "@media(prefers-color-scheme:dark){svg{color:#e8eaed;background:#14171c}}</style>"
)


class Spot(NamedTuple):
    """Where a rectangle lies: its upper left corner and its size, in pixels."""

    x: float
    y: float
    wide: float
    high: float


@dataclass(frozen=True)
class Picture:
    """An SVG picture: `label` says in words what can be seen, `parts` are its elements."""

    label: str
    height: float
    parts: tuple[str, ...]


def inline(picture: Picture) -> str:
    """The picture as a part of a page."""
    return _drawn(picture, "", "")


def as_file(picture: Picture) -> str:
    """The picture as a file of its own, which brings its ink along."""
    return _drawn(picture, 'xmlns="http://www.w3.org/2000/svg" ', INK) + "\n"


def _drawn(picture: Picture, namespace: str, style: str) -> str:
    head = (
        f'<svg {namespace}class="picture" role="img" aria-label="{escape(picture.label)}" '
        f'viewBox="0 0 {WIDTH} {picture.height:g}" font-family="{FONT}" font-size="11" fill="currentColor">'
    )
    return head + style + "".join(picture.parts) + "</svg>"


def element(name: str, attributes: dict[str, object], children: Sequence[str] = ()) -> str:
    """One element; attribute values are escaped, children are elements already."""
    written = "".join(f' {key}="{_number(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>{''.join(children)}</{name}>" if children else f"<{name}{written}/>"


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else escape(str(value))


def box(spot: Spot, told: str = "", **attributes: object) -> str:
    """A rectangle; `told` is what is said when the mouse rests on it."""
    place = {"x": spot.x, "y": spot.y, "width": spot.wide, "height": spot.high, "rx": 2}
    return element("rect", {**place, **_named(attributes)}, [f"<title>{escape(told)}</title>"] if told else [])


def word(x: float, y: float, text: str, **attributes: object) -> str:
    """A text that starts at x, with its letters standing on y."""
    return element("text", {"x": x, "y": y, **_named(attributes)}, [escape(text)])


def _named(attributes: dict[str, object]) -> dict[str, object]:
    """Python's names as SVG writes them."""
    return {name.replace("_", "-"): value for name, value in attributes.items()}
