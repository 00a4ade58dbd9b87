"""Who asks a handler of the page, and what a person is told when it cannot do what was asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import isgeneratorfunction
from typing import Any

import gradio as gr

from workbench.errors import WorkbenchError
from workbench.server.desk import LOCAL, Desk
from workbench.store.index import Entry
from workbench.views.text import one_way

# How a handler is asked that answers in one piece: by a request of its own. Gradio's queue answers through one stream a
# page, which it closes when nothing waits; a question that comes just then is never answered (Gradio 6.31).
AT_ONCE: dict[str, Any] = {"queue": False, "show_progress": "hidden"}


def owner_of(request: gr.Request) -> str:
    """Who asks."""
    return str(getattr(request.request.state, "owner", LOCAL)) if request.request else LOCAL


def told(handler: Callable[..., Any]) -> Callable[..., Any]:
    """A handler, or one that yields, whose WorkbenchError becomes a message on the page."""

    @wraps(handler)
    def guarded(*values: Any, **named: Any) -> Any:
        with _shown():
            return handler(*values, **named)

    @wraps(handler)
    def guarded_stream(*values: Any, **named: Any) -> Iterator[Any]:
        with _shown():
            yield from handler(*values, **named)

    return guarded_stream if isgeneratorfunction(handler) else guarded  # Gradio asks the function which of them it is


@contextmanager
def _shown() -> Iterator[None]:
    try:
        yield
    except WorkbenchError as error:
        raise gr.Error(str(error), print_exception=False) from error


def run_choices(desk: Desk, owner: str, states: tuple[str, ...]) -> list[tuple[str, str]]:
    """(label, run) of this owner's runs in these states, for a dropdown."""
    return [(run_label(entry), entry.run) for entry in desk.entries(owner) if entry.state in states]


def run_label(entry: Entry) -> str:
    """A run as a list names it: its name or method, task and moment."""
    method, task = entry.spec["method"], entry.spec["task"]["name"]
    knobs = "".join(f" {name}={value}" for name, value in method["knobs"].items())
    name = entry.name or f"{method['name']}{knobs}"
    return f"{one_way(name)}, {task}, seed {entry.spec['seed']}, {entry.created[5:16].replace('T', ' ')}"
