"""Options that several commands take, said once."""

from pathlib import Path
from typing import Annotated

import typer

_METHODS = "A method, as lora:rank=4:alpha=8; several joined by commas, or -m again. A grid: lora:rank=2,4,8."

Model = Annotated[str, typer.Option("--model", help="A model of `workbench models`, a hub id or a folder.")]
Methods = Annotated[list[str], typer.Option("--method", "-m", help=_METHODS)]
Objective = Annotated[
    str, typer.Option(help="language_modelling: answers are words. classification: a new head picks a label.")
]
SomeMethods = Annotated[list[str] | None, typer.Option("--method", "-m", help=_METHODS)]
Home = Annotated[Path | None, typer.Option("--home", help="The folder that keeps the runs.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]
JsonFile = Annotated[
    Path | None, typer.Option("--json", help="Write the results as JSON to this file; - for the terminal.")
]
ReportFile = Annotated[Path | None, typer.Option("--report", help="Write an HTML report to this file.")]
