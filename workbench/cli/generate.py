"""`workbench generate`: a text from the base model, or from what a run made of it."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.options import Home
from workbench.errors import RunError, SpecError
from workbench.runs.folder import find_run
from workbench.settings import home as default_home
from workbench.spec import RunSpec
from workbench.views.text import readable


@dataclass(frozen=True)
class Source:
    """What writes: a base model, and the folder of what was learned on it (None: the base as it is)."""

    model: str
    artifact: Path | None = None


@dataclass(frozen=True)
class Drawing:
    """How many tokens to write at most, and how each is drawn."""

    tokens: int
    temperature: float
    top_p: float
    seed: int


def generate(
    prompt: Annotated[str, typer.Option(help="The text to go on from.")] = "",
    model: Annotated[str | None, typer.Option(help="A model of `workbench models`, a hub id or a folder.")] = None,
    run: Annotated[str | None, typer.Option(help="Write with what this run learned.")] = None,
    adapter: Annotated[Path | None, typer.Option(help="Write with the tuned weights in this folder.")] = None,
    max_tokens: Annotated[int, typer.Option(min=1, help="Tokens to write at most.")] = 128,
    temperature: Annotated[float, typer.Option(min=0.0, help="0 takes the likeliest token; 1 draws as learned.")] = 0.0,
    top_p: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="Draw only from the likeliest tokens that reach this probability.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="Decides the draws.")] = 0,
    home: Home = None,
) -> None:
    """Write a text, token by token."""
    source = choose_source(model, run, adapter, home or default_home())
    for piece in _pieces(source, prompt, Drawing(max_tokens, temperature, top_p, seed)):
        sys.stdout.write(readable(piece))
        sys.stdout.flush()
    sys.stdout.write("\n")


def choose_source(model: str | None, run: str | None, adapter: Path | None, home: Path) -> Source:
    """The model and the tuned weights that the options name.

    Raises:
        SpecError: both a run and a folder are named.
        RunError: the run or the folder is not there, or the run kept no weights.
    """
    if run and adapter:
        raise SpecError("--adapter", str(adapter), "either a run or a folder, not both")
    if run:
        folder = find_run(run, home)
        if not folder.artifact.is_dir():
            raise RunError(f"Run {folder.id} kept no tuned weights.", "They are there once it is finished.")
        return Source(model or folder.spec().model, folder.artifact)
    if adapter is not None and not adapter.is_dir():
        raise RunError(f"There is no folder {adapter}.", "`workbench runs export --weights` writes one.")
    return Source(model or RunSpec().model, adapter)


def _pieces(source: Source, prompt: str, drawing: Drawing) -> Iterator[str]:
    """Load and write; torch is imported here, so that a mistyped name is told at once."""
    from workbench.methods.artifact import load_artifact
    from workbench.models.catalog import find_card

    find_card(source.model)
    from workbench.models.load import load_base
    from workbench.tasks.encode import layout_of
    from workbench.training.generate import Writing, stream

    base = load_base(source.model)
    tuned = load_artifact(source.artifact, base.model) if source.artifact else base.model
    layout = layout_of(base.card, base.tokenizer)
    writing = Writing(drawing.tokens, drawing.temperature, drawing.seed, base.card.positions, drawing.top_p, layout)
    yield from stream(tuned, base.tokenizer, prompt, writing)
