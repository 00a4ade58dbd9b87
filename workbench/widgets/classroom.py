"""A class server as a notebook uses it: the calls of this package, with the server's machine at work."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from workbench.errors import RunError, SpecError
from workbench.jobs.kinds import MOST_VOICES
from workbench.report.race import labels
from workbench.runs.folder import RunFolder
from workbench.settings import home
from workbench.spec import Choice, RunSpec
from workbench.views.text import one_line
from workbench.widgets.board import Board
from workbench.widgets.client import Client, not_ours
from workbench.widgets.comparison import Comparison
from workbench.widgets.form import pick
from workbench.widgets.listing import RunList, folders_of
from workbench.widgets.mirror import mirror_of
from workbench.widgets.playground import BASE, Play, prompted
from workbench.widgets.server_run import ServerRun
from workbench.widgets.start import WORDS, Asked, Picked, chosen_specs, displayed
from workbench.widgets.xray import anatomy

TOKEN = re.compile(r"[0-9a-f]{1,64}\.[0-9a-f]{64}")
ADDRESS = "an address such as http://192.168.0.5:7860, as the browser shows it"
ROW = {"run", "race", "state", "step", "steps", "model", "task", "method", "loss"}


class Classroom:
    """A server's calls under the names of this package: `race`, `runs`, `compare`, `play`; `anatomy` and `pick` too.

    What the server tells of a race is kept in run folders of this machine, so boards and comparisons go on showing
    what is known when the connection is lost. The weights stay at the server, which writes the texts of `play`.
    """

    anatomy = staticmethod(anatomy)
    pick = staticmethod(pick)

    def __init__(self, client: Client, cache: Path) -> None:
        self._client = client
        self._cache = cache

    def race(
        self,
        specs: Sequence[RunSpec] | Picked | None = None,
        *,
        model: str = "pocket-gpt",
        task: str | Choice = "describe",
        methods: str | Sequence[str | Choice] | None = None,
        objective: str | Choice = WORDS,
        seed: int = 0,
        **budget: Any,
    ) -> Board:
        """Race ways of tuning at the server and show their board; the words are those of `wb.race`.

        Of a run of more than 500 steps the server tells some of the steps, evenly spaced; evaluations are all there.

        Raises:
            WorkbenchError: the server does not answer, or does not take the race; it says why.
        """
        chosen = chosen_specs(specs, methods, Asked(model, task, objective, seed, budget))
        answer = self._client.ask("/api/races", [spec.to_json() for spec in chosen])
        mirror = mirror_of(self._cache, str(answer.get("race")), self._client)
        mirror.attach()
        return displayed(Board(mirror.folders, mirror))

    def runs(self) -> RunList:
        """Your runs at the server, the newest last, whether a notebook or the page started them.

        Raises:
            ServerError: the server does not answer.
        """
        rows = self._client.ask("/api/runs")
        if not isinstance(rows, list) or not all(isinstance(row, dict) and set(row) >= ROW for row in rows):
            raise not_ours(self._client.address)
        races = reversed(dict.fromkeys(row["race"] for row in rows))
        ordered = [row for race in races for row in rows if row["race"] == race]
        found = [ServerRun(row, self._cache, self._client) for row in ordered]
        return RunList(found, "classroom.race(...)")

    def compare(self, runs: Any) -> Comparison:
        """Put runs side by side; `runs` is a board, a part of `classroom.runs()`, or ids.

        Raises:
            WorkbenchError: there is none, one of them is not there, or the server does not answer.
        """
        return Comparison(self._folders(runs))

    def play(self, runs: Any, prompt: str = "") -> Play:
        """Let the server's base and tuned runs of one base model answer prompts; one given here is answered at once.

        Raises:
            WorkbenchError: a run is not there or has no weights, there are too many, or their base models differ.
        """
        folders = self._folders(runs)
        if len(folders) > MOST_VOICES:
            raise SpecError("the number of runs to play with", len(folders), f"{MOST_VOICES} or less")
        return prompted(Play(Voices(self._client, folders)), prompt)

    def _folders(self, runs: Any) -> list[RunFolder]:
        named = runs if isinstance(runs, (list, tuple, RunList)) else [runs]
        if any(isinstance(entry, str) for entry in named):
            known = self.runs()
            named = [found for entry in named for found in (_find(entry, known) if isinstance(entry, str) else [entry])]
        return folders_of(list(named))

    def __repr__(self) -> str:
        """Where it is; never the token."""
        return f"<classroom at {self._client.address}: race, runs, compare, play, anatomy, pick>"


class Voices:
    """Voices whose models live at the server."""

    def __init__(self, client: Client, folders: Sequence[RunFolder]) -> None:
        self._client = client
        self._runs = [folder.id for folder in folders]
        self.names = [BASE, *labels([folder.spec() for folder in folders])]

    def write(self, prompt: str, temperature: float, seed: int, tokens: int) -> Iterator[dict[str, str]]:
        """The pieces of the answers as the server sends them."""
        wish = {"prompt": prompt, "runs": self._runs, "temperature": temperature, "seed": seed, "tokens": tokens}
        for said in self._client.lines("/api/write", wish):
            try:
                yield {self.names[said["place"]]: str(said.get("text", ""))}
            except (KeyError, IndexError, TypeError, AttributeError):
                raise not_ours(self._client.address) from None


def connect(address: str, token: str = "") -> Classroom:
    """The class server at an address, with the same calls as this package: `classroom = connect(...)`.

    The page copies this call, token and all: Runs tab, Use in a notebook. A server that asks for no password needs
    no token. Whoever has the token can do with your runs what you can.

    Raises:
        WorkbenchError: there is no such server, or it does not know the token.
    """
    place = _place(address)
    if not isinstance(token, str) or (token and not TOKEN.fullmatch(token.strip())):
        raise SpecError("the token", "...", "what the page copies", "Runs tab, Use in a notebook.")
    client = Client(f"{place.scheme}://{place.netloc}", token.strip())
    answer = client.ask("/api/token")
    if not isinstance(answer, dict) or "token" not in answer:
        raise not_ours(client.address)
    port = place.port or {"http": 80, "https": 443}[place.scheme]
    name = re.sub(r"[^\w.-]", "_", f"{place.hostname}_{port}")
    return Classroom(client, home() / "classrooms" / name)


def _place(address: str) -> Any:
    """The address as scheme, host and port alone.

    Raises:
        SpecError: it is none.
    """
    text = str(address).strip()
    if TOKEN.search(text):  # the two were swapped, or run together: nothing of it is said again
        raise SpecError("the address", "...", ADDRESS, "The address comes first, then the token.")
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname or "", parts.port
        if parts.scheme not in ("http", "https") or not re.fullmatch(r"[\w.:-]+", host):
            raise ValueError
    except ValueError:
        raise SpecError("the address", one_line(text, 80), ADDRESS) from None
    shown = f"[{host}]" if ":" in host else host
    return urlsplit(f"{parts.scheme}://{shown}" + (f":{port}" if port else ""))


def _find(name: str, runs: RunList) -> list[Any]:
    """The runs of this id or race.

    Raises:
        RunError: there is none.
    """
    found = [run for run in runs if isinstance(run, ServerRun) and name in (run.id, run.race)]
    if not found:
        raise RunError(f"There is no run {one_line(name, 60)!r} of yours.", "classroom.runs() lists them.")
    return found
