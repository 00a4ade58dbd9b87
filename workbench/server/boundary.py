"""The wall around the server: which hosts and origins may speak to it, how much they may send, what answers carry.

Gradio itself checks no Host header and answers every origin, so this stands in front of all of it.
"""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("localhost", "127.0.0.1", "::1")
MOST_BYTES = 210_000_000  # of one upload; a data file may have 200 MB
READING = ("GET", "HEAD", "OPTIONS")

# Gradio's page runs templates made of strings, so 'unsafe-eval' stays; nothing at all is loaded from elsewhere.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True)
class Wall:
    """Who may speak to the server: `names` beside the loopback ones; any bare address where `is_open`.

    An address cannot be pointed elsewhere by a stranger's name server, a name can (DNS rebinding).
    """

    is_open: bool = False
    names: Collection[str] = field(default_factory=tuple)
    most_bytes: int = MOST_BYTES

    @property
    def limit(self) -> str:
        """What is said to whoever sends more."""
        return f"At most {self.most_bytes / 1e6:.0f} MB can be sent at once."

    def lets_host(self, host: str) -> bool:
        """Whether a Host header names this server."""
        name = _name_of(host)
        if name in LOOPBACK or name in {known.lower() for known in self.names}:
            return True
        return self.is_open and _is_address(name)

    def lets_origin(self, origin: str, host: str) -> bool:
        """Whether a page of this origin may speak to the server that it calls by this Host."""
        return origin.lower().removeprefix("https://").removeprefix("http://") == host.lower()


class TooMuch(HTTPException):
    """A request turned out to be larger than the wall lets through."""


class Boundary:
    """ASGI middleware that holds everything to a wall."""

    def __init__(self, app: ASGIApp, wall: Wall) -> None:
        self.app = app
        self.wall = wall

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may come in."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if refusal := self._refusal(scope):
            await _refuse(*refusal, scope, receive, send)
            return
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        try:
            await self.app(scope, self._counted(receive), _with_headers(send))
        except TooMuch as error:  # before anything was answered: nobody answers a request that is not all here
            await _refuse(error.status_code, error.detail, scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Status and sentence for what may not come in."""
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self.wall.lets_host(host):
            return 421, f"This server does not answer to the name {host[:80]!r}; use the address that it printed."
        changes = scope["type"] == "websocket" or scope["method"] not in READING
        if origin is not None and changes and not self.wall.lets_origin(origin, host):
            return 403, "Another page may not speak to this server."
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self.wall.most_bytes:
            return 413, self.wall.limit
        return None

    def _counted(self, receive: Receive) -> Receive:
        """Receive no more than the wall lets through, whatever was announced.

        Raises:
            TooMuch: there is more.
        """
        room = self.wall.most_bytes

        async def count() -> Message:
            nonlocal room
            message = await receive()
            if message["type"] == "http.request":
                room -= len(message.get("body", b""))
                if room < 0:
                    raise TooMuch(413, self.wall.limit)
            return message

        return count


async def _refuse(status: int, sentence: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4000 + status, "reason": sentence[:120]})
        return
    response = PlainTextResponse(sentence, status, dict(HEADERS))
    await response(scope, receive, send)


def _with_headers(send: Send) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return add


def _name_of(host: str) -> str:
    """The name or address in a Host header, in small letters; empty where there is none."""
    if not all(character.isalnum() or character in ".-:[]_" for character in host):
        return ""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:  # an address in brackets that is none
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
