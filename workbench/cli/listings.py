"""`workbench models`, `tasks` and `methods`: what a person can pick, read from the parts themselves."""

from typing import Annotated, Any

import typer
from rich.text import Text

from workbench.cli.options import Json
from workbench.cli.screen import grid, say, screen, short_count, show_json
from workbench.errors import ModelError
from workbench.knobs import Knob, knobs
from workbench.methods import METHODS
from workbench.models.catalog import CATALOG, Entry, find_card
from workbench.tasks import TASKS

METHOD_FACTS = ("name", "title", "plain", "idea", "formula", "paper")
TASK_FACTS = ("name", "title", "plain", "idea", "source", "metric", "scores", "gives")


def models(
    name: Annotated[str | None, typer.Argument(help="Show this model, hub id or folder alone.")] = None,
    as_json: Json = False,
) -> None:
    """List the base models; any local folder and any hub id of a known family works too."""
    rows = [_model(entry) for entry in CATALOG.values()] if name is None else [_card(name)]
    if as_json:
        show_json(rows if name is None else rows[0])
    elif name is None:
        _show_models(rows)
    else:
        _show_facts(rows[0])


def _model(entry: Entry) -> dict[str, Any]:
    """The facts of a catalog entry; those of its shape are None where a bundled folder is missing."""
    row: dict[str, Any] = {
        "name": entry.name,
        "hub_id": entry.hub_id,
        "licence": entry.licence,
        "description": entry.description,
        "bundled": entry.is_bundled,
        "can_train": entry.can_train,
    }
    try:
        return {**row, **_shape(entry.name), "stored_bytes": entry.stored_bytes}
    except ModelError as error:
        return {**row, **dict.fromkeys(SHAPE), "stored_bytes": None, "problem": str(error)}


SHAPE = ("family", "parameters", "width", "depth", "heads", "vocabulary", "positions")


def _shape(name: str) -> dict[str, Any]:
    card = find_card(name)
    return {fact: getattr(card, fact) for fact in SHAPE}


def _card(name: str) -> dict[str, Any]:
    if name in CATALOG:
        return _model(CATALOG[name])
    return {"name": name, **_shape(name)}


def _show_models(rows: list[dict[str, Any]]) -> None:
    lines = [
        (
            row["name"],
            short_count(row["parameters"]) if row["parameters"] else "missing",
            row["family"] or "",
            _use(row),
            row["description"],
        )
        for row in rows
    ]
    screen().print(grid(("model", "size", "family", "use", "what it is"), lines, right=("size",), whole=("model",)))
    say("A local folder or a hub id (owner/name) of a known family works too.")


def _use(row: dict[str, Any]) -> str:
    if row["bundled"]:
        return "bundled"
    return "download" if row["can_train"] else "count only"


def tasks(
    name: Annotated[str | None, typer.Argument(help="Show this task in full.")] = None,
    as_json: Json = False,
) -> None:
    """List what can be learned; your own file is a task too."""
    chosen = list(TASKS) if name is None else [TASKS[name].name]
    rows = [{**_facts(TASKS[task], TASK_FACTS), "knobs": _knobs(TASKS[task])} for task in chosen]
    _show_parts("task", rows, as_json, is_whole=name is not None)


def methods(
    name: Annotated[str | None, typer.Argument(help="Show this method in full: idea, formula, paper, knobs.")] = None,
    as_json: Json = False,
) -> None:
    """List the ways of tuning."""
    chosen = list(METHODS) if name is None else [METHODS[name].name]
    rows = [{**_facts(METHODS[method], METHOD_FACTS), "knobs": _knobs(METHODS[method])} for method in chosen]
    _show_parts("method", rows, as_json, is_whole=name is not None)


def _facts(part: type, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(part, name) for name in names}


def _knobs(part: type) -> list[dict[str, Any]]:
    return [_knob(setting) for setting in knobs(part).values()]


def _knob(setting: Knob) -> dict[str, Any]:
    return {
        "name": setting.name,
        "type": setting.type.__name__,
        "default": setting.default,
        "help": setting.help,
        "low": setting.low,
        "high": setting.high,
        "choices": list(setting.choices),
        "several": setting.several,
        "allowed": setting.allowed(),
    }


def _show_parts(noun: str, rows: list[dict[str, Any]], as_json: bool, is_whole: bool) -> None:
    if as_json:
        show_json(rows[0] if is_whole else rows)
    elif is_whole:
        _show_facts(rows[0])
    else:
        lines = [(row["name"], row["plain"], ", ".join(knob["name"] for knob in row["knobs"])) for row in rows]
        screen().print(grid((noun, "what it does", "knobs"), lines, whole=(noun,)))
        say(f"`workbench {noun}s NAME` shows one in full.")


def _show_facts(row: dict[str, Any]) -> None:
    """One part: every fact on its own line, then the knobs as a table."""
    console = screen()
    for name, value in row.items():
        if name == "knobs" or value in ("", None):
            continue
        shown = "; ".join(f"{key}: {text}" for key, text in value.items()) if isinstance(value, dict) else _plain(value)
        console.print(Text.assemble((f"{name.replace('_', ' ')}: ", "bold"), shown))
    if row.get("knobs"):
        lines = [(knob["name"], _plain(knob["default"]), knob["allowed"], knob["help"]) for knob in row["knobs"]]
        console.print(grid(("knob", "default", "allowed", "what it does"), lines, whole=("knob",)))


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
