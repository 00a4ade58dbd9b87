"""The mirror of a server's race: run folders of this machine that grow as the server tells what happens.

Whatever reads run folders reads those of a server too. A file `stop` in a folder is passed on to the server. Of several
kernels that mirror one race one writes; where that one ends, another takes its place.
"""

import json
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection

from workbench.errors import WorkbenchError
from workbench.runs.folder import ID, RACE, RunFolder
from workbench.widgets.client import Client, ServerError, not_ours
from workbench.widgets.copied import Copied, NotOurs
from workbench.widgets.following import OVER

log = logging.getLogger(__name__)

TICK = 0.25  # seconds between two looks for wishes to stop; silence for so long means that there is no more so far
PATIENCE = (0.25, 0.5, 1.0, 2.0, 4.0)  # seconds before the next try to reach the server
CLAIM = 1.0  # seconds that the mirror of another kernel may need for what it does, and between two looks for its end

_mirrors: dict[Path, "Mirror"] = {}  # one for each race of a server in this process
_making = threading.Lock()


def mirror_of(cache: Path, race: str, client: Client) -> "Mirror":
    """The one mirror of a race in this process, which speaks through the client that was given last."""
    if not (RACE.fullmatch(race) or ID.fullmatch(race)):
        raise not_ours(client.address)
    with _making:
        mirror = _mirrors.setdefault(cache / race, Mirror(cache, race, client))
        mirror.client = client
        return mirror


class Mirror:
    """The race of a server in folders below `cache`; the `Source` of its boards."""

    def __init__(self, cache: Path, race: str, client: Client) -> None:
        self.race = race
        self.client = client
        self.again = "classroom.runs()"
        self.told = ""
        self._copied = Copied(cache, race)
        self._is_gone = False
        self._thread: threading.Thread | None = None

    @property
    def folders(self) -> list[RunFolder]:
        """The folders of its runs on this machine."""
        return self._copied.folders

    @property
    def states(self) -> Mapping[str, str]:
        """The state of each run as the server said last; empty where another kernel hears it."""
        return self._copied.states

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of runs that have not begun."""
        return (self._is_gone or self._copied.is_over) and not self._is_at_work

    def expects(self, run: str) -> bool:
        """So it is while the server was not heard to say otherwise, as where one kernel takes another's place."""
        return self._is_at_work and self.states.get(run) not in OVER

    def hint(self, run: str, has_begun: bool) -> str:
        """Where a person can go on with the run."""
        return "Go on with it on the server's page, or start it again there."

    def attach(self) -> None:
        """Bring the folders up to this moment and, where runs wait or are going, keep them so in a thread.

        Raises:
            ServerError: the server does not answer, or has no such race of the asker's.
            StorageError: the disk refuses.
        """
        copied = self._copied
        with copied.lock, self._ours():
            if self._is_at_work and copied.is_claimed:
                return
            is_writer = copied.claim(CLAIM)
            try:
                copied.lay_out(self.client.ask(f"/api/races/{self.race}"))
                while is_writer and self._take(self.client.ask(f"/api/races/{self.race}/events?after={copied.cursor}")):
                    pass
            except BaseException:
                copied.release()
                raise
            if copied.is_over:
                copied.release()
            elif not self._is_at_work:
                self._thread = threading.Thread(target=self._work, name="mirror", daemon=True)
                self._thread.start()

    @property
    def _is_at_work(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _work(self) -> None:
        """Follow the race to its end, whatever the connection does: the mirror's thread."""
        tries = 0
        try:
            while True:
                before = self._copied.cursor
                try:
                    while not self._copied.claim():
                        time.sleep(CLAIM)
                    self._watch()
                    return
                except ServerError as error:
                    if self._is_the_end(error):
                        return
                tries = 0 if self._copied.cursor > before else tries + 1
                time.sleep(PATIENCE[min(tries, len(PATIENCE) - 1)])
        except Exception as error:
            log.exception("The mirror of %s cannot go on.", self.race)
            is_known = isinstance(error, WorkbenchError)
            self.told = str(error) if is_known else "The race cannot be followed; the reason is in the log."
        finally:
            self._copied.release()

    def _is_the_end(self, error: ServerError) -> bool:
        """Say what the server, or its absence, means for whoever looks on; returns whether all is over."""
        if error.status == 404:
            self._is_gone, self.told = True, "The server has this race no longer."
        elif error.status:
            self.told = f"{error} Trying again."
        else:
            self.told = f"The server at {self.client.address} cannot be reached at this moment; trying again."
        return self._is_gone

    def _watch(self) -> None:
        """Take what the live socket brings from the cursor on, until the race has come to its end.

        Raises:
            ServerError: the connection is lost, or the server refuses.
        """
        copied = self._copied
        is_asked_again = False  # whether everything was asked for once more
        with self._ours(), self.client.socket() as socket:
            copied.lay_out(self.client.ask(f"/api/races/{self.race}"))
            self._wish(socket)
            while not copied.is_whole:
                self._pass_on_stops()
                try:
                    message = _message(socket.recv(TICK))
                except TimeoutError:
                    if copied.is_over and is_asked_again:
                        return  # no more is told, as of a run that never began
                    if copied.is_over:
                        copied.cursor, is_asked_again = 0, True
                        self._wish(socket)
                    continue
                if message["after"] > copied.cursor:
                    self._wish(socket)  # something was missed
                else:
                    self._take(message)

    def _wish(self, socket: ClientConnection) -> None:
        socket.send(json.dumps({"watch": self.race, "after": self._copied.cursor}))

    def _take(self, message: Any) -> bool:
        """Write a message down, and say where the race waits; returns whether there were events in it."""
        has_events = self._copied.take(message)
        places = [row["place"] for row in message["runs"] if isinstance(row.get("place"), int) and row["place"]]
        self.told = f"Place {min(places)} in the server's queue." if places else ""
        return has_events

    def _pass_on_stops(self) -> None:
        """Tell the server which runs a person here wants to stop, and take the word back, since it is said."""
        wanted = [folder for folder in self.folders if folder.is_stop_wanted]
        if not wanted:
            return
        try:
            self.client.ask("/api/runs/stop", [folder.id for folder in wanted])
        except ServerError as error:
            if error.status != 404:  # a run that is gone needs no stop
                raise
        for folder in wanted:
            folder.forget_stop()

    @contextmanager
    def _ours(self) -> Iterator[None]:
        """Say in a sentence where what comes is nothing that a workbench says."""
        try:
            yield
        except NotOurs:
            raise not_ours(self.client.address) from None


def _message(text: str | bytes) -> dict[str, Any]:
    """Raises: NotOurs where this is no message of the live socket."""
    try:
        message = json.loads(text)
    except ValueError:
        raise NotOurs from None
    if not isinstance(message, dict) or not isinstance(message.get("after"), int):
        raise NotOurs
    return message
