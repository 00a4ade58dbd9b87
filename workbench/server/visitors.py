"""Who asks: one person where the server is theirs alone, else each browser that knows the class password.

A browser that logged in carries a signed name of its own, which owns the runs it starts. The key lies in the home, so
a restart of the server logs nobody out. A notebook brings the same signed name as a token: `Authorization: Bearer`.
"""

import hashlib
import hmac
import os
import secrets
import threading
import time
from dataclasses import dataclass, field
from html import escape
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import APIRouter
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.runs.storage import storing
from workbench.server.desk import LOCAL

COOKIE = "workbench"
SECONDS_KEPT = 180 * 24 * 3600
MOST_TRIES = 20  # wrong passwords of one address within `TRIES_SECONDS`
TRIES_SECONDS = 60.0
LONGEST_FORM = 4096  # bytes
KEY_BYTES = 32


@dataclass
class Visitors:
    """Tells who asks. `password` None: everybody is the one local person, which suits a loopback address only."""

    home: Path
    password: str | None = None
    tries: dict[str, list[float]] = field(default_factory=dict)
    _making: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def owner(self, scope: Scope) -> str | None:
        """Who asks; None for whoever has not logged in. A token counts alone: no cookie makes up for a wrong one."""
        if self.password is None:
            return LOCAL
        headers = Headers(scope=scope)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._signed(token.strip())
        cookies: SimpleCookie = SimpleCookie(headers.get("cookie", ""))
        return self._signed(cookies[COOKIE].value if COOKIE in cookies else "")

    def token(self, owner: str) -> str:
        """The signed name by which a notebook shows that it is this owner's; empty where nobody logs in."""
        return "" if self.password is None else f"{owner}.{self._sign(owner)}"

    def admit(self, password: str, address: str) -> str | None:
        """A signed name for a new browser; None where the password is wrong or was guessed too often."""
        now = time.monotonic()
        recent = [moment for moment in self.tries.get(address, []) if now - moment < TRIES_SECONDS]
        is_right = hmac.compare_digest(password.encode(), (self.password or "").encode())
        if len(recent) >= MOST_TRIES or not is_right:
            self.tries[address] = [*recent, now][-MOST_TRIES:]
            return None
        return self.token(secrets.token_hex(8))

    def _signed(self, token: str) -> str | None:
        """The name in a signed name; None where this server did not sign it."""
        name, _, signature = token.partition(".")
        return name if name and hmac.compare_digest(signature.encode(), self._sign(name).encode()) else None

    def _sign(self, name: str) -> str:
        return hmac.new(self._key(), name.encode(), hashlib.sha256).hexdigest()

    def _key(self) -> bytes:
        """The signing key, made at the first need; whole or not at all, since an empty one could be guessed."""
        path = self.home / "visitors.key"
        with storing(path), self._making:
            if not path.exists() or path.stat().st_size < KEY_BYTES:
                draft = self.home / f".visitors.key.{os.getpid()}"
                draft.unlink(missing_ok=True)
                draft.touch(0o600)
                draft.write_bytes(secrets.token_bytes(KEY_BYTES))
                draft.replace(path)
            return path.read_bytes()


class Door:
    """ASGI middleware: lets nobody pass who may not, and writes down who passes in the scope's state."""

    def __init__(self, app: ASGIApp, visitors: Visitors) -> None:
        self.app = app
        self.visitors = visitors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes from somebody known; others meet the login page."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        owner = self.visitors.owner(scope)
        if owner is not None:
            scope.setdefault("state", {})["owner"] = owner
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4401, "reason": "Log in first."})
        else:
            await (await self._answer(Request(scope, receive)))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.url.path == "/login" and request.method == "POST":
            return await self._log_in(request)
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(login_page(), 401)
        return PlainTextResponse("Log in first.", 401)

    async def _log_in(self, request: Request) -> Response:
        if int(request.headers.get("content-length") or 0) > LONGEST_FORM:
            return PlainTextResponse("That is no password.", 413)
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        address = request.client.host if request.client else ""
        name = self.visitors.admit(form.get("password", [""])[0], address)
        if name is None:
            return HTMLResponse(login_page("That is not the password. Ask your teacher, then try again."), 401)
        answer = RedirectResponse("/", 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, name, SECONDS_KEPT, httponly=True, samesite="strict", secure=secure)
        return answer


def routes(visitors: Visitors) -> APIRouter:
    """The route by which somebody who is in fetches the token for a notebook."""
    router = APIRouter(prefix="/api")

    @router.get("/token")
    def token(request: Request) -> JSONResponse:
        """The asker's own token, which no cache keeps."""
        return JSONResponse({"token": visitors.token(request.state.owner)}, headers={"cache-control": "no-store"})

    return router


def login_page(problem: str = "") -> str:
    """A page that asks for the class password."""
    told = f'<p role="alert"><strong>{escape(problem)}</strong></p>' if problem else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Transfer Workbench</title><style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
main {{ max-width: 24rem; margin: 15vh auto; padding: 0 1rem }}
input, button {{ font: inherit; padding: .5rem; width: 100%; box-sizing: border-box; margin-top: .5rem }}
</style></head><body><main><h1>Transfer Workbench</h1>{told}
<form method="post" action="/login"><label for="password">Class password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
<button>Come in</button></form></main></body></html>
"""
