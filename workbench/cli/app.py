"""The command line: `workbench`, or `python -m workbench`."""

import errno
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from workbench import __version__
from workbench.cli import count, doctor, generate, listings, race, rates, runs, serve
from workbench.cli.screen import tell
from workbench.errors import StorageError, WorkbenchError
from workbench.log import keep_log, unexpected

WRONG_USAGE = typer.BadParameter.mro()[2]  # click's ClickException, which newer typers carry under their own name
INTERRUPTED = 130  # as a shell reports a program that Ctrl-C ended


class Guarded(TyperGroup):
    """Commands whose errors reach a person as one sentence and the right exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command.

        Raises:
            typer.Exit: with the error's own code, after its sentence was said.
        """
        keep_log()
        try:
            return super().invoke(ctx)
        except WorkbenchError as error:
            tell(error)
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            raise typer.Exit(INTERRUPTED) from error
        except (WRONG_USAGE, typer.Exit, typer.Abort):
            raise
        except Exception as error:
            told = (_storage(error) if isinstance(error, OSError) else None) or unexpected(error)
            tell(told)
            raise typer.Exit(told.exit_code) from error


def _storage(error: OSError) -> StorageError | None:
    """Faults of the disk that anybody may meet."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(f"The disk is full{where}.", "Free some space, or name another folder with --home.")
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return StorageError(f"There is no right to write here{where}.", "Name another folder with --home.")
    return None


app = typer.Typer(
    cls=Guarded,
    name="workbench",
    help="Race ways of tuning a small language model side by side.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("models")(listings.models)
app.command("tasks")(listings.tasks)
app.command("methods")(listings.methods)
app.command("metrics")(listings.metrics)
app.command("count")(count.count)
app.command("race")(race.race)
app.command("rates")(rates.rates)
app.command("generate")(generate.generate)
app.add_typer(runs.app, name="runs")
app.command("serve")(serve.serve)
app.command("doctor")(doctor.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"workbench {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Race ways of tuning a small language model side by side."""


def main() -> None:
    """Entry point of the `workbench` command."""
    app()
