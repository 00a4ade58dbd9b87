"""A race from specs to results: recorded in run folders, watched, summed up and reported."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.text import Text

from workbench.cli import machine
from workbench.cli.board import STATE_STYLES
from workbench.cli.outputs import Outputs, write_results
from workbench.cli.screen import aside, grid, screen, short_bytes, short_count, tell
from workbench.cli.watch import watch
from workbench.errors import RunError, WorkbenchError
from workbench.events import Event
from workbench.report import Race, shown
from workbench.report import write as write_report
from workbench.report.race import model_name, task_name
from workbench.runs.extend import has_steps_left
from workbench.runs.folder import RunFolder, create_race
from workbench.runs.record import perform, resume
from workbench.runs.summary import read_history, summary
from workbench.spec import RunSpec
from workbench.tasks.own_file import OwnFile
from workbench.training.check import check_race
from workbench.training.lint import lint
from workbench.views.contract import Row, ShownRun
from workbench.views.findings import findings
from workbench.views.results import Results
from workbench.views.seeds import group_rows, grouped, number_text
from workbench.views.text import one_line, readable

STOPPED_BY_A_PERSON = 130  # as a shell reports a program that Ctrl-C ended


def hold_races(races: Sequence[Sequence[RunSpec]], outputs: Outputs) -> int:
    """Run one race after the other and write the results of all; returns the exit code.

    Raises:
        SpecError, ModelError, DataError: a spec cannot be run; nothing was started then.
        StorageError: the home or an output file cannot be written.
    """
    for note in [check(specs) for specs in races][0]:
        aside().print(Text(one_line(note)), style="dim", soft_wrap=True)
    created = [create_race(specs, outputs.home) for specs in races]
    return _follow(_Following([folder for folders in created for folder in folders], outputs), _in_turn(created))


def _in_turn(races: Sequence[Sequence[RunFolder]]) -> Iterator[Event]:
    for folders in races:
        yield from perform(folders)


def go_on(folders: Sequence[RunFolder], outputs: Outputs) -> int:
    """Resume those of the runs that are not finished and write the results of all; returns the exit code.

    Raises:
        RunError: all are finished, or one is going right now.
    """
    unfinished = [folder for folder in folders if has_steps_left(folder)]
    return _follow(_Following(list(folders), outputs), resume(unfinished or folders))


def check(specs: Sequence[RunSpec]) -> tuple[str, ...]:
    """Look at everything that can be wrong with the specs before anything is built; returns what to know of the data.

    Raises:
        SpecError, ModelError, DataError: the first thing that is wrong.
    """
    first = check_race(specs)[0]
    first.task.records("train", 1, first.spec.seed)
    return (*first.task.notes(), *lint(first)) if isinstance(first.task, OwnFile) else ()


@dataclass
class _Following:
    """Runs under way, and where their results go."""

    folders: list[RunFolder]
    outputs: Outputs

    def __post_init__(self) -> None:
        self.specs = [folder.spec() for folder in self.folders]
        self.runs = shown(self.specs, [read_history(folder) for folder in self.folders])

    def stop(self) -> None:
        """Ask every run to stop at its next step; one that is resumed still counts as stopped before its first."""
        for folder, run in zip(self.folders, self.runs, strict=True):
            if run.history.state not in ("finished", "failed"):
                folder.ask_to_stop()


def _follow(following: _Following, events: Iterator[Event]) -> int:
    first = following.specs[0]
    title = f"{task_name(first.task)} on {model_name(first.model)}"
    is_stopped = False
    failure: WorkbenchError | None = None
    try:
        is_stopped = watch(events, following.runs, title, following.stop, following.outputs.is_quiet)
    except KeyboardInterrupt:  # a second Ctrl-C: the runs' journals say that they were stopped
        is_stopped = True
    except WorkbenchError as error:
        failure = error
    finally:
        if close := getattr(events, "close", None):
            close()
    _reread(following)
    _sum_up(following)
    _write(following)
    if failure is not None:
        raise failure
    if is_stopped and _stopped(following):
        return STOPPED_BY_A_PERSON
    return 1 if any(run.history.state == "failed" for run in following.runs) else 0


def _reread(following: _Following) -> None:
    """Take what the journals hold: the truth about the runs, whatever the screen has seen."""
    histories = [read_history(folder) for folder in following.folders]
    following.runs = [replace(run, history=history) for run, history in zip(following.runs, histories, strict=True)]


def _sum_up(following: _Following) -> None:
    """The summary: a table, what failed, and a few sentences."""
    console = aside() if following.outputs.is_quiet else screen()
    measured = [run for run in following.runs if run.history.evaluations]
    if measured:
        console.print()
        console.print(_table(following.runs, console.width))
        if len({run.seed for run in measured}) > 1:
            console.print()
            console.print(_seeds_table(measured))
    for run in following.runs:
        if run.history.state == "failed":
            tell(RunError(f"{run.label} failed: {run.history.error}", run.history.hint))
    for sentence in findings(following.runs) if measured else []:
        console.print(Text(f"- {readable(sentence)}"), soft_wrap=not console.is_terminal)


def _table(runs: Sequence[ShownRun], width: int) -> object:
    metric = one_line(runs[0].metric.replace("_", " "), 14) or "score"
    heads = ["run", "trained", "%", "loss", metric, "forgets", "seconds"]
    heads += ["tokens/s", "memory"] if width >= 100 else []
    rows = [_cells(row, width)[: len(heads)] for row in Results().table(runs)]
    return grid(heads, rows, right=heads[1:])


def _seeds_table(runs: Sequence[ShownRun]) -> object:
    """Mean and standard deviation over the seeds of each way of tuning."""
    heads = ["over seeds", "runs", "loss", one_line(runs[0].metric.replace("_", " "), 14) or "score", "forgets"]
    rows = [
        [
            Text(one_line(row["label"], 30), style=row["style"].colour),
            str(row["n"]),
            number_text(row["loss"], ".3f", row["loss_deviation"]),
            number_text(row["metric"], ".3f", row["metric_deviation"]),
            number_text(row["change"], "+.3f", row["change_deviation"]),
        ]
        for row in group_rows(grouped(runs))
    ]
    return grid(heads, rows, right=heads[1:])


def _cells(row: Row, width: int) -> list[object]:
    def number(key: str, pattern: str) -> str:
        return "-" if row[key] is None else format(row[key], pattern)

    label = Text(one_line(row["label"], max(14, width // 3 - 6)), style=row["style"].colour)
    if row["state"] != "finished":
        label.append(f" {row['state']}", style=STATE_STYLES.get(row["state"], "dim"))
    return [
        label,
        "-" if row["trainable"] is None else short_count(row["trainable"]),
        number("percent", ".3g"),
        number("loss", ".3f"),
        number("metric", ".3f"),
        number("change", "+.3f"),
        number("seconds", ".1f"),
        number("tokens_per_second", ",.0f"),
        "-" if row["memory_bytes"] is None else short_bytes(row["memory_bytes"]),
    ]


def _write(following: _Following) -> None:
    """The results for a program and the report for a reader; then where they are."""
    outputs, console = following.outputs, aside() if following.outputs.is_quiet else screen()
    write_results(
        [summary(spec, run.history) for spec, run in zip(following.specs, following.runs, strict=True)], outputs
    )
    files = [outputs.json] if outputs.json is not None and not outputs.is_quiet else []
    if outputs.report is not None and any(run.history.evaluations for run in following.runs):
        device = next((run.history for run in following.runs if run.history.device), following.runs[0].history)
        facts = machine.facts(device.device, device.precision)
        write_report(Race(tuple(following.specs), tuple(following.runs), facts), outputs.report)
        files.append(outputs.report)
    for file in files:
        console.print(Text(f"Written: {file}"), soft_wrap=True)
    kept = " and ".join(_identities(following))
    console.print(Text(f"Kept as {kept}; `workbench runs show {_identities(following)[0]}`."), soft_wrap=True)


def _stopped(following: _Following) -> bool:
    """Say how to go on, where a run was stopped before its end; False when all had ended."""
    halted = [run.history for run in following.runs if run.history.state in ("stopped", "interrupted", "queued")]
    if not halted:
        return False
    step = max(history.step for history in halted)
    words = f"Stopped after step {step}; go on with `workbench runs resume {_identities(following)[0]}`."
    aside().print(Text(words), soft_wrap=True)
    return True


def _identities(following: _Following) -> list[str]:
    """What the runs are called together: their races, or the one run's id."""
    races = list(dict.fromkeys(folder.about().race for folder in following.folders))
    return races if len(following.folders) > 1 and all(races) else [following.folders[0].id]
