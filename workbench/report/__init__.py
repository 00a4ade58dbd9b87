"""The report of a race, or of runs side by side: one HTML file that needs nothing else and asks nobody for anything."""

from pathlib import Path

from workbench.errors import StorageError
from workbench.report.page import page
from workbench.report.race import Race, group_labels, model_name, shown, task_name
from workbench.report.sections import sections
from workbench.views.text import one_line

__all__ = ["Race", "model_name", "render", "shown", "task_name", "write"]


def render(race: Race) -> str:
    """The report as HTML."""
    return page(one_line(_title(race), 120), _lead(race), sections(race))


def _title(race: Race) -> str:
    places = {(model_name(spec.model), task_name(spec.task)) for spec in race.specs}
    seeds = len({spec.seed for spec in race.specs})
    if len(places) > 1:
        return f"{len(race.specs)} runs side by side"
    model, task = places.pop()
    ways = len(set(group_labels(race.specs)))
    from_seeds = f", {seeds} seeds" if seeds > 1 else ""
    return f"{ways} way{'s' if ways > 1 else ''} of tuning {model} on {task}{from_seeds}"


def _lead(race: Race) -> str:
    steps = sorted({spec.budget.steps for spec in race.specs})
    each = f"{steps[0]:,} steps each" if len(steps) == 1 else f"{steps[0]:,} to {steps[-1]:,} steps each"
    return f"{each}{', on the same batches' if race.is_one else ''}. A report of the Transfer Workbench."


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
