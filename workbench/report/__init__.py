"""The report of a race: one HTML file that needs nothing else and asks nobody for anything."""

from pathlib import Path

from workbench.errors import StorageError
from workbench.report.page import page
from workbench.report.race import Race, model_name, shown, task_name
from workbench.report.sections import sections
from workbench.views.text import one_line

__all__ = ["Race", "model_name", "render", "shown", "task_name", "write"]


def render(race: Race) -> str:
    """The report as HTML."""
    spec = race.specs[0]
    ways = "1 way" if len(race.specs) == 1 else f"{len(race.specs)} ways"
    title = one_line(f"{ways} of tuning {model_name(spec.model)} on {task_name(spec.task)}", 120)
    lead = f"{spec.budget.steps:,} steps each, on the same batches. A report of the Transfer Workbench."
    return page(title, lead, sections(race))


def write(race: Race, path: Path) -> None:
    """Write the report.

    Raises:
        StorageError: the file cannot be written.
    """
    text = render(race)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise StorageError(f"The report {path} cannot be written: {error.strerror}.", "Name another file.") from error
