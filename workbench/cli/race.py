"""`workbench race`: several methods on one model and one task, at once and on the same batches."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.options import Home, JsonFile, Model, Objective, ReportFile, SomeMethods
from workbench.cli.outputs import Outputs
from workbench.errors import DataError
from workbench.knobs import configure
from workbench.menu.first_methods import first_methods
from workbench.settings import home as default_home
from workbench.spec import Budget, Choice, RunSpec, parse_choice, parse_choices
from workbench.tasks.hub_data import is_hub_path

OWN_FILE = "own_file"


def race(
    methods: SomeMethods = None,
    model: Model = "pocket-gpt",
    task: Annotated[str | None, typer.Option(help="A task of `workbench tasks`; knobs as name:knob=value.")] = None,
    objective: Objective = "language_modelling",
    steps: Annotated[int | None, typer.Option(help="Optimizer steps of every run.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Examples a step.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Decides data, order, random starts and samples.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, max=20, help="Races, one a seed from --seed on: one tells little.")] = 1,
    examples: Annotated[int | None, typer.Option(help="Training examples to use; 0 takes all.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="One rate for all; else each method's own.")] = None,
    evaluate_every: Annotated[int | None, typer.Option(help="Steps between evaluations; 0: about eight.")] = None,
    sample_every: Annotated[int | None, typer.Option(help="Steps between samples; 0: start, middle, end.")] = None,
    budget: Annotated[
        list[str] | None, typer.Option("--budget", help="Any other part of the budget, as warmup=0.1; may be repeated.")
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="Your own CSV, TSV, JSONL, Parquet or text file, or hub:owner/name.")
    ] = None,
    prompt_column: Annotated[str | None, typer.Option(help="The column of the file that the model reads.")] = None,
    target_column: Annotated[str | None, typer.Option(help="The column of the file that it shall write.")] = None,
    spec: Annotated[Path | None, typer.Option(help="Repeat the specs of this JSON file and nothing else.")] = None,
    home: Home = None,
    json_file: JsonFile = None,
    report: ReportFile = None,
) -> None:
    """Race several methods side by side, with a live table, a summary and a report.

    Ctrl-C stops the race; its runs can go on later with `workbench runs resume`.
    """
    outputs = Outputs(home or default_home(), json_file, report)
    if spec is not None:
        races = [read_specs(spec)]
    else:
        turned = {
            "steps": steps,
            "batch_size": batch_size,
            "examples": examples,
            "learning_rate": learning_rate,
            "evaluate_every": evaluate_every,
            "sample_every": sample_every,
        }
        shared = RunSpec(
            model=model,
            task=choose_task(task, data, {"prompt_column": prompt_column, "target_column": target_column}),
            objective=parse_choice(objective),
            budget=choose_budget(turned, budget or []),
            seed=seed,
        )
        chosen = parse_choices(methods or list(first_methods(shared.objective.name)))
        numbers = range(seed, seed + seeds)
        races = [[replace(shared, method=choice, seed=number) for choice in chosen] for number in numbers]
    from workbench.cli.racing import hold_races  # torch comes with it: listings and help stay quick

    raise typer.Exit(hold_races(races, outputs))


def choose_task(task: str | None, data: str | None, columns: dict[str, str | None]) -> Choice:
    """The task; a data file, or a dataset of the hub, means your own.

    Raises:
        DataError: the file is not there, or columns are named without a file.
    """
    named = {name: column for name, column in columns.items() if column is not None}
    choice = parse_choice(task) if task else Choice(OWN_FILE if data else "describe")
    if data is None:
        if named:
            raise DataError("A column is named, but no file.", "Give the file with --data FILE.")
        return choice
    if choice.name != OWN_FILE:
        raise DataError(f"--data is your own data, but --task is {choice.name}.", "Leave --task out.")
    if is_hub_path(data):
        return Choice(OWN_FILE, {"path": data, **named, **choice.knobs})
    path = Path(data)
    if not path.is_file():
        raise DataError(f"There is no file {data}.", "Give the path of a CSV, TSV, JSONL, Parquet or text file.")
    return Choice(OWN_FILE, {"path": str(path.resolve()), **named, **choice.knobs})


def choose_budget(turned: dict[str, Any], settings: list[str]) -> Budget:
    """The budget from the options that were given and from settings like warmup=0.1.

    Raises:
        SpecError: an unknown part of the budget, or a value out of range.
    """
    written = parse_choice(":".join(["budget", *settings])).knobs
    given = {name: value for name, value in turned.items() if value is not None}
    return configure(Budget, {**written, **given}, "budget")


def read_specs(file: Path) -> list[RunSpec]:
    """The specs of a JSON file, as a report shows them.

    Raises:
        DataError: the file is not there or is no JSON; SpecError: a field is wrong.
    """
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{file} cannot be read as JSON: {error}.", "It holds a list of specs.") from error
    entries = read if isinstance(read, list) else [read]
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        raise DataError(f"{file} holds no specs.", "It is a list of objects with model, task, method, budget and seed.")
    return [RunSpec.from_json(entry) for entry in entries]
