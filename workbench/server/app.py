"""The web application without its page: boundary, door, API, live socket and the files that pages load."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from workbench.errors import WorkbenchError
from workbench.server import comparison, writing
from workbench.server import visitors as visiting
from workbench.server.api import refuse, routes
from workbench.server.boundary import Boundary, Wall
from workbench.server.desk import Desk
from workbench.server.live import Hub
from workbench.server.visitors import Door, Visitors

PLOTLY = f"/plotly-{version('plotly')}.min.js"  # a new version is another address, so browsers may keep it
WEEK = 7 * 24 * 3600


def build(desk: Desk, wall: Wall, visitors: Visitors, static: Path) -> FastAPI:
    """The application; `static` is the folder of the page's own scripts and styles."""
    hub = Hub(desk.index, desk.states)
    desk.listeners.append(hub.call)

    @contextlib.asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        desk.open()
        work = asyncio.create_task(hub.work())
        yield
        work.cancel()
        await asyncio.to_thread(desk.close)

    app = FastAPI(
        title="Transfer Workbench",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=life,
        middleware=[Middleware(Boundary, wall=wall), Middleware(Door, visitors=visitors)],
    )
    app.include_router(routes(desk))
    for more in (comparison.routes(desk), writing.routes(desk), visiting.routes(visitors)):
        app.include_router(more)
    for kind in (WorkbenchError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, refuse)

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await hub.serve(socket, lambda race: desk.may_watch(race, socket.state.owner))

    @app.get(PLOTLY)
    def plotly() -> FileResponse:
        script = str(files("plotly") / "package_data" / "plotly.min.js")
        return FileResponse(script, media_type="text/javascript", headers={"cache-control": f"max-age={WEEK}"})

    app.mount("/page", StaticFiles(directory=static))
    return app
