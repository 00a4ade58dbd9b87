"""What can be asked over HTTP: plain JSON, one sentence for what goes wrong, and files to take away."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import BaseModel
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException

from workbench.errors import MissingRunError, WorkbenchError
from workbench.history import History
from workbench.menu.estimate import estimated
from workbench.menu.parts import menu
from workbench.report import shown
from workbench.runs.archive import export_artifact, export_run
from workbench.server.board import board
from workbench.server.desk import Desk
from workbench.server.live import message
from workbench.server.queue import queue
from workbench.server.rows import run_row
from workbench.server.uploads import fetch_data, import_upload, keep_upload
from workbench.spec import RunSpec

Cursor = Annotated[int, Query(ge=0, lt=1 << 63)]


class Wording(BaseModel):
    """What a person says about a run; None leaves it as it is."""

    run: str
    name: str | None = None
    tags: list[str] | None = None


class Extension(BaseModel):
    """Runs that shall train longer, by so many optimizer steps."""

    runs: list[str]
    steps: int


def routes(desk: Desk) -> APIRouter:
    """The routes under /api; `request.state.owner` says who asks."""
    router = APIRouter(prefix="/api")
    for add in (_pick_routes, _race_routes, _run_routes, _file_routes):
        add(router, desk)
    return router


def _pick_routes(router: APIRouter, desk: Desk) -> None:
    """What can be picked, and what it would take."""

    @router.get("/menu")
    def show_menu() -> dict[str, Any]:
        """Models, tasks, methods and the budget, with their knobs and texts."""
        return menu()

    @router.post("/estimate")
    def estimate(request: Request, body: list[dict[str, Any]]) -> dict[str, Any]:
        """What each spec would make of its model, or what is wrong; and what a race of them would take."""
        specs = [RunSpec.from_json(spec) for spec in body]
        for spec in specs:
            desk.check_reach(spec, request.state.owner)
        rows = estimated(specs)
        looks = shown(specs, [History("") for _ in specs])
        runs = [
            {**row, "label": look.label, "style": asdict(look.style)} for row, look in zip(rows, looks, strict=True)
        ]
        return {"runs": runs, "race": desk.forecast(specs, rows)}

    @router.post("/look")
    def look(request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Examples of a spec's task as the model sees them."""
        return desk.look(RunSpec.from_json(body), request.state.owner)

    @router.post("/rates")
    def rates(request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """The range test of one spec: its curve, and a learning rate to try."""
        return desk.rates(RunSpec.from_json(body), request.state.owner)


def _race_routes(router: APIRouter, desk: Desk) -> None:
    """Races: begin, read, report."""

    @router.post("/races")
    def submit(request: Request, body: list[dict[str, Any]]) -> dict[str, str]:
        """Start a race of these specs."""
        return {"race": desk.submit([RunSpec.from_json(spec) for spec in body], request.state.owner)}

    @router.get("/races/{race}")
    def show_board(request: Request, race: str) -> dict[str, Any]:
        """What is known of a race before its events."""
        return board(desk, race, request.state.owner)

    @router.get("/races/{race}/events")
    def events(request: Request, race: str, after: Cursor = 0) -> Response:
        """What happened after a cursor, as a message of the live socket; no events: there are no more so far."""
        if not desk.may_watch(race, request.state.owner):
            raise MissingRunError(f"There is no race {race[:60]!r}.", "The Runs tab lists what there is.")
        upto, records = desk.index.events_after(after, race)
        text = message(race, after, upto, records, json.dumps(desk.states(race)))
        return Response(text, media_type="application/json")

    @router.get("/races/{race}/report")
    def report(request: Request, race: str) -> Response:
        """The race's report, one HTML file."""
        name = {"content-disposition": f'attachment; filename="{race}.html"'}
        return Response(desk.report(race, request.state.owner), media_type="text/html", headers=name)

    @router.get("/races/{race}/findings")
    def findings(request: Request, race: str) -> list[str]:
        """Sentences that the race's numbers bear out."""
        return desk.findings(race, request.state.owner)


def _run_routes(router: APIRouter, desk: Desk) -> None:
    """Runs: list, stop, go on, name, delete."""

    @router.get("/runs")
    def list_runs(request: Request) -> list[dict[str, Any]]:
        """The asker's runs, the newest race first."""
        return [run_row(entry, desk.home) for entry in desk.entries(request.state.owner)]

    @router.get("/queue")
    def show_queue(request: Request) -> dict[str, Any]:
        """What is going and what waits, as far as the asker may know."""
        return queue(desk, request.state.owner)

    @router.post("/runs/label")
    def label(request: Request, body: Wording) -> dict[str, bool]:
        """Name or tag a run."""
        desk.label(body.run, request.state.owner, body.name, body.tags)
        return {"done": True}

    @router.post("/runs/delete")
    def delete(request: Request, body: list[str]) -> dict[str, bool]:
        """Remove runs; they can be brought back for a while."""
        desk.delete(body, request.state.owner)
        return {"done": True}

    @router.post("/runs/restore")
    def restore(request: Request, body: list[str]) -> dict[str, bool]:
        """Bring runs back that were deleted a moment ago."""
        desk.restore(body, request.state.owner)
        return {"done": True}

    @router.post("/runs/stop")
    def stop(request: Request, body: list[str]) -> dict[str, bool]:
        """Stop runs."""
        desk.stop(body, request.state.owner)
        return {"done": True}

    @router.post("/runs/extend")
    def extend(request: Request, body: Extension) -> dict[str, bool]:
        """Give runs that ended more steps, and go on with them."""
        desk.extend(body.runs, request.state.owner, body.steps)
        return {"done": True}

    @router.post("/runs/go-on")
    def go_on(request: Request, body: list[str]) -> dict[str, bool]:
        """Go on with runs that broke off."""
        desk.go_on(body, request.state.owner)
        return {"done": True}


def _file_routes(router: APIRouter, desk: Desk) -> None:
    """Files that are sent, and files to take away."""

    @router.post("/files")
    async def upload(request: Request, name: str) -> dict[str, Any]:
        """Keep a data file that is sent as it is; tells its path, columns and how it reads."""
        return await keep_upload(desk.home, request.state.owner, name, request.stream())

    @router.post("/datasets")
    def fetch(body: dict[str, Any]) -> dict[str, Any]:
        """Fetch a dataset of the hub; tells its path, columns and how it reads."""
        return fetch_data(desk, body)

    @router.post("/runs/import")
    async def take_in(request: Request) -> dict[str, str]:
        """Take a handed-in zip file in."""
        return {"run": await import_upload(desk, request.state.owner, request.stream())}

    @router.get("/runs/{run}/zip")
    def take_run(request: Request, run: str) -> FileResponse:
        """The run's folder as a zip file."""
        folder = desk.folder(run, request.state.owner)
        return _file(lambda place: export_run(folder, place / f"{folder.id}.zip"))

    @router.get("/runs/{run}/notebook")
    def take_notebook(request: Request, run: str) -> Response:
        """The run as a notebook that repeats it, through the workbench and in plain PyTorch."""
        name = {"content-disposition": f'attachment; filename="{run}.ipynb"'}
        return Response(desk.notebook(run, request.state.owner), media_type="application/x-ipynb+json", headers=name)

    @router.get("/runs/{run}/weights")
    def take_weights(request: Request, run: str) -> FileResponse:
        """The tuned weights as a zip file: for PEFT methods an ordinary PEFT folder."""
        folder = desk.folder(run, request.state.owner)
        return _file(lambda place: _zipped(export_artifact(folder, place / f"{folder.id}-weights")))


def refuse(request: Request, error: Exception) -> JSONResponse:
    """What went wrong as a sentence and a hint."""
    match error:
        case WorkbenchError():
            return _told(404 if isinstance(error, MissingRunError) else 422, error.message, error.hint)
        case RequestValidationError():
            place = ".".join(str(part) for part in error.errors()[0]["loc"])
            return _told(422, f"What was sent cannot be read: {place}.", error.errors()[0]["msg"])
        case HTTPException():
            return _told(error.status_code, f"{error.detail}", "")
    raise error


def _told(status: int, sentence: str, hint: str) -> JSONResponse:
    return JSONResponse({"error": sentence, "hint": hint}, status)


def _file(make: Any) -> FileResponse:
    """A file that is made for the asker and removed when it is sent."""
    place = tempfile.TemporaryDirectory(prefix="workbench-")
    try:
        file: Path = make(Path(place.name))
    except BaseException:
        place.cleanup()
        raise
    return FileResponse(
        file, filename=file.name, media_type="application/zip", background=BackgroundTask(place.cleanup)
    )


def _zipped(folder: Path) -> Path:
    import shutil

    return Path(shutil.make_archive(str(folder), "zip", folder.parent, folder.name))
