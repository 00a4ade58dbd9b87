"""Runs of any race side by side, and what can be taken away of them: a table and a report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from workbench.errors import SpecError
from workbench.report import Race, render
from workbench.report.spreadsheet import spreadsheet
from workbench.runs.folder import RunFolder
from workbench.runs.labels import read_labels
from workbench.server.desk import Desk
from workbench.views.contract import MOST_RUNS, ShownRun

Chosen = Annotated[list[str], Query()]


@dataclass(frozen=True)
class Comparison:
    """The folders of the runs, and what they are and measured."""

    folders: tuple[RunFolder, ...]
    race: Race

    @property
    def runs(self) -> tuple[ShownRun, ...]:
        """The runs as pictures show them."""
        return self.race.runs


def comparison(desk: Desk, runs: Sequence[str], owner: str) -> Comparison:
    """These runs of an owner, each once.

    Raises:
        RunError: one is not there, or somebody else's.
        SpecError: there are none or too many.
    """
    chosen = list(dict.fromkeys(runs))
    if not 0 < len(chosen) <= MOST_RUNS:
        raise SpecError("runs to compare", len(chosen), f"1 to {MOST_RUNS}")
    looks = desk.shown(chosen, owner)
    folders = tuple(desk.folder(run, owner) for run in chosen)
    specs = tuple(folder.spec() for folder in folders)
    devices = dict.fromkeys(f"{look.history.device} {look.history.precision}".strip() for look in looks)
    facts = {"Device": ", ".join(device for device in devices if device) or "unknown"}
    return Comparison(folders, Race(specs, tuple(looks), facts))


def routes(desk: Desk) -> APIRouter:
    """The routes under /api/compare, for runs of the one who asks; an answer is made in memory and leaves no file."""
    router = APIRouter(prefix="/api/compare")

    @router.get("/table")
    def table(request: Request, run: Chosen) -> Response:
        """The results of the runs as a CSV file."""
        side = comparison(desk, run, request.state.owner)
        origins = [
            {"run": folder.id, "race": folder.about().race, "name": read_labels(folder.path).name}
            for folder in side.folders
        ]
        return _file(spreadsheet(side.race, origins), "text/csv", "comparison.csv")

    @router.get("/report")
    def report(request: Request, run: Chosen) -> Response:
        """The report of the runs, one HTML file."""
        return _file(render(comparison(desk, run, request.state.owner).race), "text/html", "comparison.html")

    return router


def _file(text: str, kind: str, name: str) -> Response:
    content = text.encode("utf-8", errors="replace")
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
