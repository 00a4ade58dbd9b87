"""The live socket: what happens in a race goes to every page that watches it, four times a second, from a cursor.

A page sends {"watch": race, "after": number} and gets {"race", "after", "upto", "events": [...], "runs": [...]}.
`events` are journal records; `upto` is the cursor to come back with, so a reload or a lost connection misses nothing.
A page that sees a gap between its cursor and `after` asks again. `runs` tells state, place in the queue and hint.
A page that reads too slowly is not waited for: its messages are dropped and it catches up from the index.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from workbench.store.index import Index

TICK = 0.25  # seconds between messages
WAITING = 16  # messages that may wait for a slow page
PART = 2000  # events in one message


@dataclass(eq=False)
class Viewer:
    """One page and the race that it watches; `sent` is the number of the last event that it was sent."""

    race: str
    sent: int
    is_behind: bool = True  # it has yet to catch up from the index
    waiting: "asyncio.Queue[tuple[int, int, str]]" = field(default_factory=lambda: asyncio.Queue(WAITING))
    called: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """Hands out what happens; `runs_of` tells a race's runs as the page shows them."""

    def __init__(self, index: Index, runs_of: Callable[[str], list[dict[str, Any]]]) -> None:
        self.index = index
        self.runs_of = runs_of
        self.viewers: set[Viewer] = set()
        self._told: dict[str, tuple[int, str]] = {}  # by race: the last event handed out, the runs as told last
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()

    async def work(self) -> None:
        """Hand out until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            await self._news.wait()
            self._news.clear()
            self._hand_out()
            await asyncio.sleep(TICK)

    def call(self, races: set[str] | None = None) -> None:
        """Something happened; may be called from any thread."""
        if self._loop and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._news.set)

    def _hand_out(self) -> None:
        watched: dict[str, list[Viewer]] = {}
        for viewer in self.viewers:
            watched.setdefault(viewer.race, []).append(viewer)
        for race in set(self._told) - set(watched):
            del self._told[race]
        for race, viewers in watched.items():
            self._hand_out_race(race, viewers)

    def _hand_out_race(self, race: str, viewers: list[Viewer]) -> None:
        """One message for all who watch the race, made once; nothing where nothing is new."""
        after, runs_before = self._told.get(race) or (self.index.newest(race), "")
        upto, events = self.index.events_after(after, race, PART)
        runs = json.dumps(self.runs_of(race))
        self._told[race] = (upto, runs)
        if len(events) == PART:
            self._news.set()
        if events or runs != runs_before:
            text = message(race, after, upto, events, runs)
            for viewer in viewers:
                _offer(viewer, after, upto, text)

    async def serve(self, socket: WebSocket, may_watch: Callable[[str], bool]) -> None:
        """Serve one page until it goes; it may watch one race after another, of those that it may see."""
        await socket.accept()
        sender: asyncio.Task[None] | None = None
        viewer: Viewer | None = None
        try:
            while True:
                wish = await _wish(socket)
                if sender and viewer:
                    sender.cancel()
                    self.viewers.discard(viewer)
                if not may_watch(wish[0]):
                    raise ValueError("not theirs")
                viewer = Viewer(wish[0], wish[1])
                self.viewers.add(viewer)
                sender = asyncio.create_task(self._send(socket, viewer))
        except (WebSocketDisconnect, RuntimeError, ValueError, KeyError):  # gone, or no wish; bytes have no "text"
            pass
        finally:
            if sender and viewer:
                sender.cancel()
                self.viewers.discard(viewer)
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it may have gone without a word
                await socket.close()

    async def _send(self, socket: WebSocket, viewer: Viewer) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                if viewer.is_behind:
                    await self._catch_up(socket, viewer)
                after, upto, text = await viewer.waiting.get()
                if after == viewer.sent:
                    await socket.send_text(text)
                    viewer.sent = upto
                else:  # the message begins elsewhere than the last one ended: each event goes out once
                    viewer.is_behind = True

    async def _catch_up(self, socket: WebSocket, viewer: Viewer) -> None:
        """Send everything since the viewer's cursor from the index, at least one message.

        It is up to date when nothing more is found; nothing can be handed out between that look and the mark.
        """
        is_first = True
        while True:
            after = viewer.sent
            upto, events = self.index.events_after(after, viewer.race, PART)
            if not events and not is_first:
                viewer.is_behind = False
                return
            await socket.send_text(message(viewer.race, after, upto, events, json.dumps(self.runs_of(viewer.race))))
            viewer.sent, is_first = upto, False


def message(race: str, after: int, upto: int, events: list[str], runs: str) -> str:
    """The JSON of one message; the events are JSON already."""
    return f'{{"race":{json.dumps(race)},"after":{after},"upto":{upto},"events":[{",".join(events)}],"runs":{runs}}}'


def _offer(viewer: Viewer, after: int, upto: int, text: str) -> None:
    if viewer.is_behind:
        return
    try:
        viewer.waiting.put_nowait((after, upto, text))
    except asyncio.QueueFull:
        viewer.is_behind = True
        while not viewer.waiting.empty():
            viewer.waiting.get_nowait()
        viewer.waiting.put_nowait((-1, -1, ""))  # wakes the sender, which then catches up


async def _wish(socket: WebSocket) -> tuple[str, int]:
    """The race that a page wants to watch, and its cursor.

    Raises:
        ValueError: it says something else.
    """
    text = await socket.receive_text()
    if len(text) > 1000:
        raise ValueError("too long")
    match json.loads(text):
        case {"watch": str(race), **more} if isinstance(after := more.get("after", 0), int) and 0 <= after < 1 << 63:
            return race, after
    raise ValueError("no wish")
