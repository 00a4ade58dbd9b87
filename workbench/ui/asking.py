"""Who asks a handler of the page, and what a person is told when it cannot do what was asked."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr

from workbench.errors import WorkbenchError
from workbench.server.desk import LOCAL, Desk
from workbench.store.index import Entry


def owner_of(request: gr.Request) -> str:
    """Who asks."""
    return str(getattr(request.request.state, "owner", LOCAL)) if request.request else LOCAL


def told(handler: Callable[..., Any]) -> Callable[..., Any]:
    """A handler whose WorkbenchError becomes a message on the page."""

    @wraps(handler)
    def guarded(*values: Any, **named: Any) -> Any:
        try:
            return handler(*values, **named)
        except WorkbenchError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return guarded


def run_choices(desk: Desk, owner: str, states: tuple[str, ...]) -> list[tuple[str, str]]:
    """(label, run) of this owner's runs in these states, for a dropdown."""
    return [(run_label(entry), entry.run) for entry in desk.entries(owner) if entry.state in states]


def run_label(entry: Entry) -> str:
    """A run as a list names it: its name or method, task and moment."""
    method, task = entry.spec["method"], entry.spec["task"]["name"]
    knobs = "".join(f" {name}={value}" for name, value in method["knobs"].items())
    name = entry.name or f"{method['name']}{knobs}"
    return f"{name}, {task}, seed {entry.spec['seed']}, {entry.created[5:16].replace('T', ' ')}"
