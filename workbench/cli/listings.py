"""`workbench models`, `tasks`, `methods` and `metrics`: what a person can pick, read from the parts themselves."""

from typing import Annotated, Any

import typer
from rich.text import Text

from workbench.cli.options import Json
from workbench.cli.screen import grid, say, screen, short_count, show_json
from workbench.menu.parts import method_row, metric_row, model_row, model_rows, task_row
from workbench.methods import METHODS
from workbench.metrics import METRICS
from workbench.tasks import TASKS


def models(
    name: Annotated[str | None, typer.Argument(help="Show this model, hub id or folder alone.")] = None,
    as_json: Json = False,
) -> None:
    """List the base models; any local folder and any hub id of a known family works too."""
    rows = model_rows() if name is None else [model_row(name)]
    if as_json:
        show_json(rows if name is None else rows[0])
    elif name is None:
        _show_models(rows)
    else:
        _show_facts(rows[0])


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
    rows = [task_row(task) for task in (TASKS if name is None else [name])]
    _show_parts("task", rows, as_json, is_whole=name is not None)


def methods(
    name: Annotated[str | None, typer.Argument(help="Show this method in full: idea, formula, paper, knobs.")] = None,
    as_json: Json = False,
) -> None:
    """List the ways of tuning."""
    rows = [method_row(method) for method in (METHODS if name is None else [name])]
    _show_parts("method", rows, as_json, is_whole=name is not None)


def metrics(
    name: Annotated[str | None, typer.Argument(help="Show this metric in full.")] = None,
    as_json: Json = False,
) -> None:
    """List what answers are measured by, each with its definition."""
    rows = [metric_row(metric) for metric in (METRICS if name is None else [name])]
    if as_json:
        show_json(rows if name is None else rows[0])
    elif name is None:
        lines = [(row["name"], row["range"], row["definition"]) for row in rows]
        screen().print(grid(("metric", "range", "what it is"), lines, whole=("metric",)))
    else:
        _show_facts(rows[0])


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
        if name == "knobs" or value in ("", None, {}):
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
