"""A run of a class server as a notebook holds it: what is measured is fetched when it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.history import History
from workbench.runs.folder import RunFolder
from workbench.runs.summary import read_history, summarise
from workbench.spec import RunSpec
from workbench.views.text import one_line
from workbench.widgets.board import Board
from workbench.widgets.client import Client, not_ours
from workbench.widgets.mirror import Mirror, mirror_of


@dataclass(frozen=True)
class ServerRun:
    """A run of a server, as its list told it; the same as a run of this machine to whoever uses it."""

    row: Mapping[str, Any]
    cache: Path
    client: Client

    @property
    def id(self) -> str:
        """Its name at the server and here."""
        return str(self.row["run"])

    @property
    def race(self) -> str:
        """The race that it is part of."""
        return str(self.row["race"])

    @property
    def folder(self) -> RunFolder:
        """Its folder on this machine, with what the server knows at this moment; without weights.

        Raises:
            ServerError: the server does not answer, or has the run no longer.
        """
        for folder in self._mirrored().folders:
            if folder.id == self.id:
                return folder
        raise not_ours(self.client.address)

    @property
    def spec(self) -> RunSpec:
        """What was asked for."""
        return self.folder.spec()

    @property
    def history(self) -> History:
        """What was measured up to this moment; of a very long run the server tells only some of the steps."""
        return read_history(self.folder)

    @property
    def state(self) -> str:
        """queued, running, finished, stopped, failed, interrupted or damaged, as the server says at this moment."""
        history = self.history
        return self._mirror.states.get(self.id, history.state)

    @property
    def results(self) -> dict[str, Any]:
        """What it came to, as plain data."""
        return summarise(self.folder)

    def board(self) -> Board:
        """The board of the race that it is part of, live where the race still goes."""
        mirror = self._mirrored()
        return Board(mirror.folders, mirror)

    def stop(self) -> None:
        """Have the server stop it after its current step."""
        self.client.ask("/api/runs/stop", [self.id])

    def cells(self) -> list[str]:
        """Its row in a list, as the server told it: id, model, task, method, state and held-out loss."""
        row = self.row
        is_halfway = row["state"] not in ("finished", "queued", "damaged") and row["steps"]
        state = f"{row['state']} {row['step']}/{row['steps']}" if is_halfway else row["state"]
        loss = "-" if row["loss"] is None else f"{row['loss']:.3f}"
        return [one_line(cell) for cell in (self.id, row["model"], row["task"], row["method"], state, loss)]

    @property
    def _mirror(self) -> Mirror:
        return mirror_of(self.cache, self.race, self.client)

    def _mirrored(self) -> Mirror:
        mirror = self._mirror
        mirror.attach()
        return mirror

    def __repr__(self) -> str:
        """Id and state, as the list told them."""
        return f"<run {self.id}, {one_line(self.row['state'])} at {self.client.address}>"
