"""The X-ray of a tuned model as a picture: frozen parts grey, what moves in the method's colour."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workbench.menu.svg import LETTER, WIDTH, Picture, Spot, box, word

Kind = Literal["frozen", "trained", "beside", "new"]
LEGEND: dict[Kind, str] = {
    "frozen": "frozen",
    "trained": "moves",
    "beside": "frozen, with something that moves",
    "new": "new, and moves",
}
BEFORE = ("prompt", "prefix", "embedding")  # how roles are named that come before the blocks
LEFT = 52  # where the cells begin
HIGH, GAP = 16, 3  # of a cell, and between cells
GROUPS = {"attention": "attention", "feed_forward": "feed-forward"}


@dataclass(frozen=True)
class Cell:
    """All pieces of one role in one row."""

    role: str
    pieces: tuple[dict[str, Any], ...]

    @property
    def moving(self) -> int:
        """Numbers that may move."""
        return sum(piece["count"] for piece in self.pieces if piece["state"] != "frozen")

    @property
    def kind(self) -> Kind:
        """How the cell is drawn."""
        states = {piece["state"] for piece in self.pieces}
        if states == {"frozen"}:
            return "frozen"
        if "frozen" in states:
            return "beside"
        return "trained" if states == {"trained"} else "new"


@dataclass(frozen=True)
class Row:
    """One block, or what comes before or after all of them (`block` is None)."""

    name: str
    block: int | None
    cells: tuple[Cell, ...]


def rows(pieces: Sequence[dict[str, Any]]) -> list[Row]:
    """Every piece in the row and cell where it is drawn."""
    outside = _cells([piece for piece in pieces if piece["block"] is None])
    blocks = sorted({piece["block"] for piece in pieces if piece["block"] is not None})
    inside = [
        Row(f"block {block}", block, _cells([piece for piece in pieces if piece["block"] == block])) for block in blocks
    ]
    before, after = (tuple(cell for cell in outside if _is_before(cell.role) == side) for side in (True, False))
    return [row for row in (Row("before", None, before), *inside, Row("after", None, after)) if row.cells]


def xray(title: str, pieces: Sequence[dict[str, Any]], colour: str) -> Picture:
    """Draw the pieces that `menu.counts.pieces` gives; `colour` is the method's, as #rrggbb."""
    shown = rows(pieces)
    roles = sorted(dict.fromkeys(cell.role for row in shown if row.block is not None for cell in row.cells), key=_place)
    wide = (WIDTH - LEFT) / max(1, len(roles))
    parts, y = [*_heads(roles, wide)], 32.0
    for row in shown:
        parts.append(word(0, y + 12, row.name))
        drawn, y = _inside(row, roles, wide, y, colour) if row.block is not None else _outside(row, y, colour)
        parts += drawn
    kinds = {cell.kind for row in shown for cell in row.cells}
    legend, y = _legend([kind for kind in LEGEND if kind in kinds], y + 6, colour)
    return Picture(described(title, shown), y, (*parts, *legend))


def described(title: str, shown: Sequence[Row]) -> str:
    """The picture in words: which roles move, in which blocks, and how many numbers that are."""
    if not any(cell.moving for row in shown for cell in row.cells):
        return f"{title}: nothing moves."
    if all(cell.kind == "trained" for row in shown for cell in row.cells):
        return f"{title}: everything moves."
    return f"{title}. What moves: {'; '.join(_moving(shown))}. Everything else is frozen."


def _moving(shown: Sequence[Row]) -> list[str]:
    """Roles that move in the same blocks, told together, with their numbers."""
    blocks: dict[str, list[int]] = {}
    numbers: Counter[str] = Counter()
    for row in shown:
        for cell in row.cells:
            if cell.moving:
                blocks.setdefault(cell.role, []).extend([] if row.block is None else [row.block])
                numbers[cell.role] += cell.moving
    told = []
    for where in dict.fromkeys(map(tuple, blocks.values())):
        roles = [role for role, held in blocks.items() if tuple(held) == where]
        total = sum(numbers[role] for role in roles)
        told.append(f"{', '.join(map(_plain, roles))}{_where(where)}, {total:,} numbers")
    return told


def _where(blocks: Sequence[int]) -> str:
    if not blocks:
        return ""
    return f" in block {blocks[0]}" if len(blocks) == 1 else f" in blocks {blocks[0]} to {blocks[-1]}"


def _cells(pieces: Sequence[dict[str, Any]]) -> tuple[Cell, ...]:
    roles: dict[str, list[dict[str, Any]]] = {}
    for piece in pieces:
        roles.setdefault(piece["role"], []).append(piece)
    return tuple(Cell(role, tuple(held)) for role, held in roles.items())


def _is_before(role: str) -> bool:
    return any(name in role for name in BEFORE)


def _place(role: str) -> tuple[int, bool]:
    """Attention before feed-forward, and in each the norm first, as the signal passes them."""
    is_attention = role.startswith("attention") or role in ("query_norm", "key_norm")
    return 0 if is_attention else 1 if role.startswith("feed_forward") else 2, not role.endswith("norm")


def _plain(role: str) -> str:
    return role.replace("_", " ")


def _heads(roles: Sequence[str], wide: float) -> list[str]:
    """The names of the columns, and over them those of the two halves of a block."""
    parts = []
    for name, title in GROUPS.items():
        places = [place for place, role in enumerate(roles) if role.startswith(name)]
        if places:
            middle = LEFT + wide * (places[0] + places[-1] + 1) / 2
            parts.append(word(middle, 10, title, text_anchor="middle", font_weight="bold"))
    fits = int(wide / LETTER)
    for place, role in enumerate(roles):
        short = _plain(role).replace("attention ", "").replace("feed forward ", "").replace("output", "out")
        parts.append(word(LEFT + wide * (place + 0.5), 25, short[: max(1, fits)], text_anchor="middle"))
    return parts


def _inside(row: Row, roles: Sequence[str], wide: float, y: float, colour: str) -> tuple[list[str], float]:
    parts = []
    for cell in row.cells:
        spot = Spot(LEFT + wide * roles.index(cell.role), y, wide - GAP, HIGH)
        parts += _swatch(cell.kind, spot, colour, f"{row.name}, {_told(cell)}")
    return parts, y + HIGH + GAP


def _outside(row: Row, y: float, colour: str) -> tuple[list[str], float]:
    """Cells with their names beside them; a new line where the next would not fit."""
    parts, x = [], float(LEFT)
    for cell in row.cells:
        name = _plain(cell.role)
        wide = 34 + LETTER * len(name) + 12
        if x > LEFT and x + wide > WIDTH:
            x, y = float(LEFT), y + HIGH + GAP
        parts += [*_swatch(cell.kind, Spot(x, y, 28, HIGH), colour, _told(cell)), word(x + 34, y + 12, name)]
        x += wide
    return parts, y + HIGH + GAP


def _told(cell: Cell) -> str:
    total = sum(piece["count"] for piece in cell.pieces)
    state = f"{cell.moving:,} of {total:,} numbers move" if cell.moving else f"{total:,} numbers, frozen"
    return f"{_plain(cell.role)}: {state}"


def _swatch(kind: Kind, spot: Spot, colour: str, told: str = "") -> list[str]:
    """What a cell of this kind looks like; full, striped or framed, so that it can be told without colour too."""
    if kind == "trained":
        return [box(spot, told, fill=colour)]
    if kind == "new":
        return [box(spot, told, fill=colour, fill_opacity=0.4, stroke=colour, stroke_width=2)]
    frozen = box(spot, told, fill_opacity=0.18)
    if kind == "frozen":
        return [frozen]
    strip = Spot(spot.x, spot.y + 0.55 * spot.high, spot.wide, 0.45 * spot.high)
    return [frozen, box(strip, told, fill=colour)]


def _legend(kinds: Sequence[Kind], y: float, colour: str) -> tuple[list[str], float]:
    parts, x = [], 0.0
    for kind in kinds:
        wide = 18 + LETTER * len(LEGEND[kind]) + 10
        if x and x + wide > WIDTH:
            x, y = 0.0, y + 18
        parts += [*_swatch(kind, Spot(x, y, 12, 12), colour), word(x + 18, y + 10, LEGEND[kind])]
        x += wide
    return parts, y + 18
