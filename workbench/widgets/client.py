"""Speaking with a workbench server over HTTP: plain JSON, and one sentence for whatever goes wrong."""

import json
import logging
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from workbench.errors import WorkbenchError
from workbench.views.text import one_line

TIMES = httpx.Timeout(20.0, connect=5.0)  # seconds
WRITING = httpx.Timeout(150.0, connect=5.0)  # texts may wait for their turn
OPENING = 10.0  # seconds in which the socket must stand
LARGEST = 1 << 26  # bytes of one message: 2,000 events with their samples
LOOPBACK = ("localhost", "127.0.0.1", "::1")
SILENT = logging.Logger("live socket", logging.CRITICAL + 1)  # websockets would log the token with the other headers
FETCH = "Copy the two lines anew: Runs tab, Use in a notebook."


class ServerError(WorkbenchError):
    """A server did not do what it was asked; `status` is its HTTP status, 0 where it did not answer."""

    exit_code = 10

    def __init__(self, message: str, hint: str = "", status: int = 0) -> None:
        super().__init__(message, hint)
        self.status = status


class Client:
    """A server at an address, asked as whoever has the token, which nothing here shows."""

    def __init__(self, address: str, token: str = "") -> None:
        self.address = address
        self._headers = {"authorization": f"Bearer {token}"} if token else {}
        self._is_near = urlsplit(address).hostname in LOOPBACK  # no proxy leads to this very machine
        self._http = httpx.Client(
            base_url=address, headers=self._headers, timeout=TIMES, trust_env=not self._is_near, follow_redirects=False
        )
        weakref.finalize(self, self._http.close)

    def __repr__(self) -> str:
        """The address alone."""
        return f"<workbench server {self.address}>"

    def ask(self, path: str, body: Any = None) -> Any:
        """What the server answers, as plain data; a body is sent as JSON.

        Raises:
            ServerError: there is no answer, or it is a refusal.
        """
        with self._told():
            answer = self._http.get(path) if body is None else self._http.post(path, json=body)
        self._check(answer)
        return self._read(answer.content)

    def lines(self, path: str, body: Any) -> Iterator[Any]:
        """The lines of a streamed answer, each as plain data.

        Raises:
            ServerError: there is no answer, it is a refusal, or it broke off.
        """
        with self._told(), self._http.stream("POST", path, json=body, timeout=WRITING) as answer:
            if not answer.is_success:
                answer.read()
            self._check(answer)
            for line in answer.iter_lines():
                said = self._read(line)
                if isinstance(said, dict) and "error" in said:
                    raise _refusal(said, 503)
                yield said

    @contextmanager
    def socket(self) -> Iterator[ClientConnection]:
        """The live socket, open.

        Raises:
            ServerError: it cannot be opened, or broke off.
        """
        try:
            with connect(
                self.address.replace("http", "ws", 1) + "/live",
                additional_headers=self._headers,
                proxy=None if self._is_near else True,
                open_timeout=OPENING,
                close_timeout=1.0,
                max_size=LARGEST,
                logger=SILENT,
            ) as opened:
                yield opened
        except InvalidStatus as error:
            raise _refused(error.response.status_code, self.address) from None
        except (WebSocketException, OSError, EOFError):
            raise self._lost() from None

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in a sentence what the network does."""
        try:
            yield
        except httpx.TimeoutException:
            raise ServerError(f"The server at {self.address} does not answer in time.", "Try again.") from None
        except (httpx.TransportError, httpx.DecodingError):
            raise self._lost() from None

    def _lost(self) -> ServerError:
        return ServerError(
            f"There is no server at {self.address}, or no way to it.", "Is it running, and is the address right?"
        )

    def _check(self, answer: httpx.Response) -> None:
        """Raises: ServerError where the answer is a refusal."""
        if answer.is_success:
            return
        is_json = "json" in answer.headers.get("content-type", "")
        if is_json and isinstance(said := self._read(answer.content), dict) and "error" in said:
            raise _refusal(said, answer.status_code)
        raise _refused(answer.status_code, self.address, answer.text)

    def _read(self, text: str | bytes) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise not_ours(self.address) from None


def not_ours(address: str) -> ServerError:
    """What is said where something else answers."""
    return ServerError(f"What answers at {address} is no workbench server, or a much older one.", "Is that its port?")


def _refusal(said: dict[str, Any], status: int) -> ServerError:
    """The server's own words."""
    sentence, hint = (one_line(said.get(key) or "", 600) for key in ("error", "hint"))
    return ServerError(sentence or f"The server answered {status}.", hint, status)


def _refused(status: int, address: str, text: str = "") -> ServerError:
    """A refusal before anything of the workbench is asked: of the door (401, 403 of a socket) or of the wall."""
    if status == 401:
        return ServerError(f"The server at {address} does not know you: no token, or a wrong one.", FETCH, status)
    if status in (403, 413, 421) and text:
        return ServerError(one_line(text, 300), "", status)
    if status == 404:
        return not_ours(address)
    return ServerError(f"The server at {address} answered {status}.", "Is that the address of a workbench?", status)
