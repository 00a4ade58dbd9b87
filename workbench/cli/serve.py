"""`workbench serve`, which is `python app.py`: start the server with its page and open a browser there."""

import os
import socket
import threading
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.options import Home
from workbench.cli.screen import say
from workbench.errors import WorkbenchError
from workbench.settings import home as default_home

PORT = 7860
LOOPBACK = ("127.0.0.1", "localhost", "::1")


SILENT = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}  # nobody is told who uses this


class AddressError(WorkbenchError):
    """The server cannot listen where it was asked to."""

    exit_code = 9


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; another than this machine's own needs a password.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any free one.")] = PORT,
    home: Home = None,
    class_password: Annotated[
        str | None, typer.Option(help="Ask every browser for this; each then has runs of its own.")
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option(help="A host name by which browsers may call the server; may be repeated.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
) -> None:
    """Start the workbench for the browser; Ctrl-C ends it, and runs that are going keep a checkpoint."""
    place = (home or default_home()).expanduser().resolve()
    os.environ["WORKBENCH_HOME"] = str(place)
    os.environ.update(SILENT)
    if host not in LOOPBACK and not class_password:
        raise AddressError(
            f"--host is {host!r}, which others can reach, but there is no password.",
            "Add --class-password WORD, or leave --host out.",
        )
    with listen(host, port) as listening:
        run(listening, place, host, class_password, name or [], browser)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens, bound before anything slow is done.

    Raises:
        AddressError: the port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise AddressError(
            f"Port {port} on {host} cannot be used: {error.strerror}.", "Try --port 0 for any free one."
        ) from error
    return listening


def run(listening: socket.socket, home: Path, host: str, password: str | None, names: list[str], browser: bool) -> None:
    """Build the application and serve until Ctrl-C."""
    from workbench.server.desk import Desk

    desk = Desk(home, is_class=password is not None)  # a home that does not do is said before the page is imported
    desk.claim()

    import uvicorn

    from workbench.server.boundary import Wall
    from workbench.server.visitors import Visitors
    from workbench.ui.page import application

    wall = Wall(is_open=host not in LOOPBACK, names=tuple(names))
    app = application(desk, wall, Visitors(home, password))
    shown = "localhost" if host in (*LOOPBACK, "0.0.0.0", "::") else host
    address = f"http://{shown}:{listening.getsockname()[1]}/"
    say(f"The Transfer Workbench is at {address} (Ctrl-C ends it).", "bold")
    say(f"Runs are kept in {home}.")
    if browser:
        threading.Timer(1.0, webbrowser.open, [address]).start()
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws_max_size=1 << 20, timeout_graceful_shutdown=3))
    server.run(sockets=[listening])
