"""A handler's WorkbenchError is told on the page, whether the handler returns or yields."""

from collections.abc import Iterator
from inspect import isgeneratorfunction
from typing import Any

import gradio as gr
import pytest

from workbench.errors import RunError
from workbench.ui.asking import told


def test_a_handler_that_yields_still_does() -> None:
    @told
    def count() -> Iterator[int]:
        yield from (1, 2)

    assert isgeneratorfunction(count), "Gradio streams only what it knows to be a generator"
    assert list(count()) == [1, 2]


def test_an_error_is_told_in_its_sentence() -> None:
    @told
    def refuse() -> None:
        raise RunError("It is gone.", "Look elsewhere.")

    @told
    def refuse_later() -> Iterator[int]:
        yield 1
        raise RunError("It is gone.", "Look elsewhere.")

    with pytest.raises(gr.Error, match="It is gone. Look elsewhere."):
        refuse()
    answers = refuse_later()
    assert next(answers) == 1
    with pytest.raises(gr.Error, match="It is gone. Look elsewhere."):
        next(answers)


def test_only_what_yields_is_asked_through_the_queue(server: Any) -> None:
    """Whose stream closes when nothing waits, and then a question may be lost."""
    handlers = [handler for handler in server.ask("/config")["dependencies"] if handler["backend_fn"]]
    assert {"refresh", "compare", "weigh", "answer"} <= {handler["api_name"] for handler in handlers}
    assert [handler["api_name"] for handler in handlers if handler["queue"]] == ["answer"]
