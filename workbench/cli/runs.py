"""`workbench runs`: look at what was run, stop it, go on with it, hand it in."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from workbench.cli.board import STATE_STYLES
from workbench.cli.options import Home, Json, JsonFile, ReportFile
from workbench.cli.outputs import Outputs
from workbench.cli.push import Place, find_place, send
from workbench.cli.screen import grid, say, screen, show_json
from workbench.errors import RunError, SpecError
from workbench.methods import METHODS
from workbench.report import Race, shown, write
from workbench.report.model_card import model_card
from workbench.report.notebook import SUFFIX as NOTEBOOK
from workbench.report.notebook import export_notebook
from workbench.report.race import model_name, task_name, whole_task_name
from workbench.runs.archive import export_artifact, export_run, import_run
from workbench.runs.extend import extend
from workbench.runs.folder import RunFolder, delete_run, find_run, find_runs, list_runs
from workbench.runs.summary import read_history, summarise
from workbench.settings import home as default_home
from workbench.units import PER_TOKEN
from workbench.views.contract import ShownRun
from workbench.views.metrics import more_measured
from workbench.views.text import one_line, readable

app = typer.Typer(no_args_is_help=True, help="Look at past and present runs, stop them, go on with them, hand them in.")

Name = Annotated[str, typer.Argument(metavar="ID", help="A run's id, a part of it that fits no other, or a race's id.")]


@app.command("list")
def list_command(home: Home = None, as_json: Json = False) -> None:
    """List all runs, the oldest first."""
    rows = [_row(folder) for folder in _in_order(list_runs(home or default_home()))]
    if as_json:
        show_json([{key: value for key, value in row.items() if key != "task_name"} for row in rows])
        return
    if not rows:
        say("No runs yet. `workbench race` makes some.")
        return
    cells = [
        (row["id"], model_name(row["model"]), row["task_name"], _progress(row), _loss(row["loss"])) for row in rows
    ]
    screen().print(grid(("run", "model", "task", "state", "loss"), cells, right=("loss",), whole=("run",)))


def _in_order(folders: list[RunFolder]) -> list[RunFolder]:
    """By creation, and within a race as they were named."""
    return sorted(folders, key=lambda folder: (folder.about().created, folder.about().race, folder.about().order))


def _row(folder: RunFolder) -> dict[str, Any]:
    """A run in a list; one whose spec cannot be read is listed as damaged, with what is wrong."""
    history = read_history(folder)
    row: dict[str, Any] = {
        "id": folder.id,
        "race": folder.about().race,
        "created": folder.about().created,
        "model": "",
        "task": "",
        "task_name": "",
        "method": "",
        "seed": None,
        "state": history.state,
        "step": history.step,
        "steps": history.steps,
        "loss": history.evaluations[-1][1] if history.evaluations else None,
        "error": history.error,
    }
    try:
        spec = folder.spec()
    except RunError as error:
        return {**row, "state": "damaged", "error": error.message}
    names = {"model": spec.model, "task": str(spec.task), "task_name": task_name(spec.task)}
    return {**row, **names, "method": str(spec.method), "seed": spec.seed}


def _loss(loss: float | None) -> str:
    return "-" if loss is None else f"{loss:.3f}"


def _progress(row: dict[str, Any]) -> Text:
    state = row["state"]
    is_halfway = state not in ("finished", "queued", "damaged") and row["steps"]
    words = f"{state} {row['step']}/{row['steps']}" if is_halfway else state
    return Text(words, style=STATE_STYLES.get(state, ""))


@app.command()
def show(
    name: Name,
    home: Home = None,
    as_json: Json = False,
    report: ReportFile = None,
) -> None:
    """Show a run, or all runs of a race: its spec, its numbers and what it wrote."""
    folders = find_runs(name, home or default_home())
    if report is not None:
        _report(folders, report)
    if as_json:
        rows = [{**summarise(folder), "spec": folder.spec().to_json()} for folder in folders]
        show_json(rows if len(rows) > 1 else rows[0])
        return
    if report is None:
        for folder in folders:
            _show(folder)


def _report(folders: list[RunFolder], file: Path) -> None:
    """A report of runs from anywhere: of the machine they say themselves what they know, and no more."""
    specs, histories = [folder.spec() for folder in folders], [read_history(folder) for folder in folders]
    facts = {"Device": " ".join(part for part in (histories[0].device, histories[0].precision) if part) or "unknown"}
    write(Race(tuple(specs), tuple(shown(specs, histories)), facts), file)


def _show(folder: RunFolder) -> None:
    spec, row = folder.spec(), summarise(folder)
    history = read_history(folder)
    run = shown([spec], [history])[0]
    say(folder.id, "bold")
    loss, forgetting = row["loss"], row["forgetting"]
    facts = {
        "state": f"{row['state']}, step {history.step} of {history.steps}",
        "what went wrong": f"{history.error} {history.hint}".strip() if history.error else "",
        "race": folder.about().race,
        "created": folder.about().created,
        "model": spec.model,
        "task": str(spec.task),
        "method": str(spec.method),
        "budget": f"{spec.budget.steps} steps of {spec.budget.batch_size} examples, seed {spec.seed}",
        "trained": f"{row['trainable']:,} of {row['total']:,} numbers ({row['percent']:.3g} %)" if row["total"] else "",
        "loss": _from_to(loss["eval_first"], loss["eval_final"], f"{run.unit}, held-out"),
        "score": _score(run),
        "metrics": ", ".join(f"{told.title} {told.text(value)}" for told, value in more_measured(run).items()),
        "base's own domain": _from_to(forgetting["before"], forgetting["after"], PER_TOKEN),
        "time": f"{row['seconds']:.1f} seconds of its own work, {row['tokens_per_second']:,.0f} tokens a second",
        "folder": str(folder.path),
    }
    for key, value in facts.items():
        if value:
            screen().print(Text.assemble((f"  {key}: ", "bold"), readable(value)), soft_wrap=True)
    for sample in row["samples"][-2:]:
        prompt, text = one_line(sample.get("prompt", ""), 200), one_line(sample.get("text", ""), 400)
        screen().print(Text.assemble((f"  step {sample['step']}, {prompt}: ", "dim"), text), soft_wrap=True)


def _score(run: ShownRun) -> str:
    score = run.history.final_scores.get(run.metric)
    return "" if score is None else f"{run.metric.replace('_', ' ')} {score:.3f}"


def _from_to(first: float | None, last: float | None, unit: str) -> str:
    return "" if first is None or last is None else f"{first:.3f} at the start, {last:.3f} at the end ({unit})"


@app.command()
def stop(name: Name, home: Home = None, as_json: Json = False) -> None:
    """Ask a going run, or all runs of a race, to stop at the next step; nothing is lost."""
    folders = [folder for folder in find_runs(name, home or default_home()) if read_history(folder).state == "running"]
    if not folders:
        raise RunError(f"Nothing of {name} is going.", "`workbench runs list` shows the state of every run.")
    for folder in folders:
        folder.ask_to_stop()
    if as_json:
        show_json([folder.id for folder in folders])
        return
    for folder in folders:
        say(f"{folder.id} stops after its current step.")


@app.command("resume")
def resume_command(
    name: Name,
    home: Home = None,
    json_file: JsonFile = None,
    report: ReportFile = None,
    more: Annotated[int, typer.Option("--add-steps", help="Give each so many optimizer steps more first.")] = 0,
) -> None:
    """Go on with a run, or with all unfinished runs of a race, from the last checkpoint."""
    place = home or default_home()
    folders = find_runs(name, place)
    if more:
        folders = extend(folders, more)
    from workbench.cli.racing import go_on

    raise typer.Exit(go_on(folders, Outputs(place, json_file, report)))


@app.command("export")
def export_command(
    name: Name,
    file: Annotated[
        Path | None, typer.Argument(help="What to write: a .zip, a notebook (.ipynb), or with --weights a folder.")
    ] = None,
    home: Home = None,
    checkpoints: Annotated[bool, typer.Option("--checkpoints", help="Checkpoints too; they are large.")] = False,
    weights: Annotated[bool, typer.Option("--weights", help="Write the tuned weights alone, as a folder.")] = False,
    merged: Annotated[
        bool,
        typer.Option("--merged", help="Write a whole model, what was learned added into its weights, as a folder."),
    ] = False,
    push: Annotated[
        str, typer.Option(metavar="OWNER/NAME", help="Send the model to the model hub too, under your own login.")
    ] = "",
    public: Annotated[bool, typer.Option("--public", help="With --push: let everyone see it.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file of that name.")] = False,
    as_json: Json = False,
) -> None:
    """Write a run as one zip file that can be handed in, as a notebook, or as a model that others load.

    A merged model is a base like any other: `workbench race --model FOLDER` goes on from it.

    With --push and no folder's name nothing of it stays on this machine.
    """
    folder = find_run(name, home or default_home())
    if push or public:
        _export_and_push(folder, file, merged, _place(push, public, weights or merged), as_json)
        return
    if weights or merged:
        target = _export_model(folder, file, merged)
    elif file and file.suffix == NOTEBOOK:
        target = export_notebook(folder, file, force)
    else:
        target = export_run(folder, file or Path(f"{folder.id}.zip"), checkpoints, force)
    show_json({"id": folder.id, "file": str(target)}) if as_json else say(f"Written: {target}")


def _place(repo: str, is_public: bool, is_model: bool) -> Place:
    if not repo:
        raise SpecError("--public", "given", "with --push OWNER/NAME only")
    if not is_model:
        raise SpecError("--push", repo, "with --merged or --weights only")
    return find_place(repo, is_public)


def _export_and_push(folder: RunFolder, file: Path | None, merged: bool, place: Place, as_json: bool) -> None:
    spec = folder.spec()
    message = f"{METHODS[spec.method.name].title} of {model_name(spec.model)} on {whole_task_name(spec.task)}"
    with tempfile.TemporaryDirectory() as draft:
        target = _export_model(folder, file or Path(draft) / "model", merged)
        if file and not as_json:
            say(f"Written: {target}")
        pushed = send(target, place, message)
    row = {"id": folder.id, "file": str(file) if file else None, **pushed.to_json()}
    show_json(row) if as_json else say(pushed.told())


def _export_model(folder: RunFolder, file: Path | None, merged: bool) -> Path:
    if merged:
        from workbench.report.merged import export_merged  # torch comes with it

        return export_merged(folder, file or Path(f"{folder.id}-model"))
    target = export_artifact(folder, file or Path(f"{folder.id}-weights"))
    library = "peft" if (target / "adapter_config.json").is_file() else ""
    (target / "README.md").write_text(model_card(folder.spec(), read_history(folder), library), encoding="utf-8")
    return target


@app.command("unmerge")
def unmerge_command(
    name: Name,
    merged: Annotated[Path, typer.Argument(help="The folder that the run was merged into.")],
    to: Annotated[Path, typer.Option("--to", help="The folder to write.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Take what a run learned out of a merged model again; its base is left, to rounding."""
    from workbench.report.unmerged import export_unmerged  # torch comes with it

    target = export_unmerged(find_run(name, home or default_home()), merged, to)
    show_json({"folder": str(target)}) if as_json else say(f"Written: {target}")


@app.command("combine")
def combine_command(
    names: Annotated[list[str], typer.Argument(metavar="ID...", help="Two or more finished LoRA runs of one base.")],
    to: Annotated[Path, typer.Option("--to", help="The folder to write.")],
    how: Annotated[str, typer.Option(help="sum, ties (what they agree on) or dare (some of each, by chance).")] = "sum",
    weights: Annotated[str, typer.Option(help="A weight for each, as 1,0.5; negative ones take away.")] = "",
    density: Annotated[float, typer.Option(help="Share of the numbers that stays, of ties and dare.")] = 0.5,
    seed: Annotated[int, typer.Option(help="Of the chance in dare.")] = 0,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Make one LoRA of several; `workbench generate --adapter FOLDER` writes with it."""
    from workbench.report.combined import Recipe, combine  # torch comes with it

    folders = [find_run(name, home or default_home()) for name in names]
    target = combine(folders, to, Recipe(how, _numbers("weights", weights), density, seed))  # type: ignore[arg-type]
    show_json({"folder": str(target)}) if as_json else say(f"Written: {target}")


def _numbers(name: str, text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SpecError(name, text, "numbers joined by commas, as 1,0.5") from error


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="The zip file of a run.")], home: Home = None, as_json: Json = False
) -> None:
    """Take a handed-in run into the home, after looking closely at what the file holds."""
    folder = import_run(file, home or default_home())
    show_json({"id": folder.id, "folder": str(folder.path)}) if as_json else say(f"Imported as {folder.id}.")


@app.command()
def delete(
    name: Name,
    home: Home = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    as_json: Json = False,
) -> None:
    """Remove a run, or all runs of a race, for good."""
    folders = find_runs(name, home or default_home())
    if not (yes or as_json):
        typer.confirm(f"Remove {', '.join(folder.id for folder in folders)} for good?", abort=True)
    for folder in folders:
        delete_run(folder)
    show_json([folder.id for folder in folders]) if as_json else say(f"Removed: {len(folders)}.")
