"""Where the results of a race go: its home, and files for a program and for a reader."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.cli.screen import as_json, show_json
from workbench.errors import StorageError


@dataclass(frozen=True)
class Outputs:
    """Where a race's results go: the home of its runs, and files for a program and for a reader."""

    home: Path
    json: Path | None = None
    report: Path | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether the standard output belongs to the JSON."""
        return str(self.json) == "-"


def write_results(results: list[dict[str, Any]], outputs: Outputs) -> None:
    """Write the results as JSON where that was asked for.

    Raises:
        StorageError: the file cannot be written.
    """
    if outputs.is_quiet:
        show_json(results)
    elif outputs.json is not None:
        try:
            outputs.json.parent.mkdir(parents=True, exist_ok=True)
            outputs.json.write_text(as_json(results) + "\n", encoding="utf-8", errors="replace")
        except OSError as error:
            raise StorageError(f"{outputs.json} cannot be written: {error.strerror}.", "Name another file.") from error
