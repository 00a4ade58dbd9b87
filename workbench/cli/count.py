"""`workbench count`: what a method makes of a model, counted without weights."""

from typing import Annotated, Any

import typer

from workbench.card import ModelCard
from workbench.cli.options import Json, Methods, Model
from workbench.cli.screen import grid, say, screen, short_bytes, show_json
from workbench.menu.counts import PARTS, counted, notes
from workbench.models.catalog import find_card
from workbench.spec import Choice, parse_choices


def count(
    methods: Methods,
    model: Model = "pocket-gpt",
    batch_size: Annotated[int, typer.Option(min=1, help="Examples a step, for the memory estimate.")] = 8,
    tokens: Annotated[int, typer.Option(min=1, help="Tokens an example, for the memory estimate.")] = 256,
    as_json: Json = False,
) -> None:
    """Count what each method trains, and estimate the memory that takes; no weights are loaded."""
    card = find_card(model)
    choices = parse_choices(methods)
    rows = [counted(card, choice, batch_size, tokens) for choice in choices]
    if as_json:
        show_json(rows)
        return
    _show(card, rows, batch_size, tokens)
    for row, choice in zip(rows, choices, strict=True):
        for note in notes(card, choice):
            say(f"{_label(row)}: {note}")


def _show(card: ModelCard, rows: list[dict[str, Any]], batch_size: int, tokens: int) -> None:
    say(f"{card.name}: {card.parameters:,} parameters", "bold")
    counts = [
        (
            _label(row),
            f"{row['added']:,}",
            f"{row['trainable']:,}",
            f"{row['total']:,}",
            f"{row['percent']:.4g}",
            short_bytes(row["checkpoint_bytes"]),
        )
        for row in rows
    ]
    numbers = ("added", "trainable", "total", "%", "saved")
    screen().print(grid(("method", *numbers), counts, right=numbers))
    say(f"Estimated memory of training, {batch_size} examples of {tokens} tokens a step", "bold")
    say("The total is the most at one moment: activations go while gradients come.")
    memory = [(_label(row), *(short_bytes(row["memory_bytes"][part]) for part in PARTS)) for row in rows]
    screen().print(grid(("method", *PARTS), memory, right=PARTS))


def _label(row: dict[str, Any]) -> str:
    """The method and its knobs, with blanks between so that a narrow table can break it."""
    return str(Choice(row["method"], row["knobs"])).replace(":", " ")
