"""A class server as a notebook uses it: one real server with a password, two pupils, and a line that can be cut."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

import workbench.widgets as wb
from workbench.errors import RunError, SpecError, WorkbenchError
from workbench.runs.folder import RunFolder
from workbench.runs.summary import read_history
from workbench.spec import Budget, Choice, RunSpec
from workbench.widgets.client import ServerError

ROOT = Path(__file__).parents[2]
SMALL = {"model": "pocket-gpt-nano", "batch_size": 4, "evaluation_examples": 4, "metric_examples": 2}
LONG = 100_000
PATIENCE = 60.0  # seconds for anything on a busy machine


class Server:
    """A class server: its address, its home, and pupils who log in."""

    def __init__(self, address: str, home: Path) -> None:
        self.address = address
        self.home = home

    def token(self) -> str:
        """What the page of a new pupil would copy."""
        with httpx.Client(base_url=self.address) as browser:
            browser.post("/login", data={"password": "chalk"})
            return str(browser.get("/api/token").json()["token"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`workbench serve` on a free port."""
    place = tmp_path_factory.mktemp("class")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "app.py", "--no-browser", "--port", "0", "--home", str(place / "home")]
    with (place / "log").open("w") as log:
        process = subprocess.Popen([*command, "--class-password", "chalk"], cwd=ROOT, env=environment, stdout=log)
    try:
        until(lambda: process.poll() is not None or "localhost" in (place / "log").read_text())
        found = re.search(r"http://localhost:\d+", (place / "log").read_text())
        assert found, (place / "log").read_text()
        yield Server(found.group(), place / "home")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


class Line:
    """A way to the server that can be cut and mended."""

    def __init__(self, server: Server) -> None:
        self._target = ("localhost", int(server.address.rpartition(":")[2]))
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("localhost", 0))
        self.address = f"http://localhost:{self._listening.getsockname()[1]}"
        self.is_cut = False
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        """Drop every connection, and each that comes."""
        self.is_cut = True
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                if self.is_cut:
                    near.close()
                    continue
                far = socket.create_connection(self._target)
                self._open += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End it."""
        self.cut()
        for end in (self._listening, *self._open):
            end.close()


def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that the server does in its own time."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def test_a_race_ends_with_the_numbers_of_the_server_and_then_plays(server: Server, home: Path) -> None:
    token = server.token()
    classroom = wb.connect(server.address, token)
    board = classroom.race(methods=["none", "lora"], steps=6, **SMALL)
    board.wait(PATIENCE)
    assert board.is_over and board._source.told == ""
    for folder in board.folders:
        here, there = read_history(folder), read_history(RunFolder(server.home / "runs" / folder.id))
        assert (here.state, here.step) == ("finished", there.step) == (there.state, there.step)
        assert (here.losses, here.evaluations, here.scores, here.samples, here.counts, here.seconds) == (
            there.losses, there.evaluations, there.scores, there.samples, there.counts, there.seconds
        )  # fmt: skip

    listed = classroom.runs()
    assert [run.spec.method.name for run in listed] == ["none", "lora"] and "finished" in repr(listed)
    side = classroom.compare(listed)
    assert [row["loss"] for row in side.results] == [h.evaluations[-1][1] for h in board.histories.values()]
    assert side.results == wb.compare(board).results == classroom.compare([run.id for run in listed]).results

    played = classroom.play(listed[-1], prompt="One day")
    assert list(played.answers) == ["base, untuned", "lora"] and all(played.answers.values())
    longer = played.answers["lora"]
    assert longer.startswith(played.ask("One day", tokens=3)["lora"]) and len(played.answers["lora"]) < len(longer)
    with pytest.raises(ServerError, match="the length of the prompt is 3000"):
        played.ask("x" * 3000)
    outputs = [*map(repr, (classroom, board, listed, listed[0], side, played, classroom._client))]
    outputs += [str(shown._repr_mimebundle_()) for shown in (side,)] + [str(board._bundle()), str(played._bundle())]
    assert not [text for text in outputs if token in text or token.partition(".")[2] in text]
    assert not any(token.encode() in path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_another_pupil_sees_nothing_of_it(server: Server) -> None:
    mine, other = (wb.connect(server.address, server.token()) for _ in range(2))
    board = mine.race(methods=["none"], steps=2, **SMALL)
    assert len(other.runs()) == 0 and "classroom.race(...) makes some" in repr(other.runs())
    with pytest.raises(RunError, match="There is no run"):
        other.compare(board.runs[0].id)
    with pytest.raises(ServerError, match="There is no run"):
        other.play(board, prompt="One day")
    board.wait(PATIENCE)


def test_a_lost_line_is_told_and_the_race_goes_on_where_it_was(server: Server) -> None:
    line = Line(server)
    classroom = wb.connect(line.address, server.token())
    board = classroom.race(methods=["lora"], steps=LONG, **SMALL)
    until(lambda: board.histories["lora"].step > 2)
    line.cut()
    until(lambda: "cannot be reached at this moment" in board._screen.heading.value)
    assert "cannot be reached" in board.still().html and not board.is_over
    with pytest.raises(ServerError, match="There is no server at"):
        classroom.runs()
    seen = board.histories["lora"].step
    line.is_cut = False
    until(lambda: board.histories["lora"].step > seen and board._source.told == "")
    again = classroom.runs()[-1].board()  # as in a notebook that was opened anew
    assert [run.state for run in classroom.runs()] == ["running"]
    again._screen.button.click()
    board.wait(PATIENCE)
    assert [run.state for run in board.runs] == ["stopped"] == [run.state for run in classroom.runs()]
    for folder in board.folders:
        here, there = read_history(folder), read_history(RunFolder(server.home / "runs" / folder.id))
        assert (here.step, here.evaluations, here.seq) == (there.step, there.evaluations, there.seq)
        assert not folder.is_stop_wanted
    line.close()


def test_a_kernel_that_ends_leaves_the_race_to_the_next(server: Server, home: Path) -> None:
    classroom = wb.connect(server.address, server.token())
    spec = RunSpec("pocket-gpt-nano", method=Choice("lora"), budget=Budget(steps=LONG))
    race = classroom._client.ask("/api/races", [spec.to_json()])["race"]
    place = classroom._cache / "mirrors" / race
    place.mkdir(parents=True)
    hold = (
        "import pathlib, sys, workbench.runs.liveness as life\n"
        "life.hold(pathlib.Path(sys.argv[1]))\n"
        "print('held', flush=True)\n"
        "input()"
    )
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", hold, str(place)], **pipes) as kernel:
        assert kernel.stdout.readline() == b"held\n"
        board = classroom.runs()[-1].board()  # beside the other kernel, which writes
        assert board.histories["lora"].state == "queued" and not board._source._copied.is_claimed
        kernel.kill()
    until(lambda: board.histories["lora"].step > 2)
    board.stop()
    board.wait(PATIENCE)
    assert board.runs[0].state == "stopped"


WRONG: list[tuple[tuple[str, ...], type[WorkbenchError], str]] = [
    (("{server}", "ab.{zeros}"), ServerError, "does not know you"),
    (("{server}",), ServerError, "does not know you"),
    (("{server}", "chalk"), SpecError, "the token is '...'"),
    (("ab.{zeros}", "{server}"), SpecError, "The address comes first"),
    (("http://localhost:1", ""), ServerError, "There is no server at http://localhost:1"),
    (("http://localhost:99999", ""), SpecError, "http://localhost:99999"),
    (("ftp://localhost", ""), SpecError, "the address"),
    (("no address at all", ""), SpecError, "the address"),
    (("", ""), SpecError, "the address"),
]


@pytest.mark.parametrize("words, kind, told", WRONG, ids=[" ".join(words) for words, *_ in WRONG])
def test_what_cannot_be_reached_is_one_sentence(
    server: Server, words: tuple[str, ...], kind: type[WorkbenchError], told: str
) -> None:
    zeros = "0" * 64
    with pytest.raises(kind) as caught:
        wb.connect(*(word.format(server=server.address, zeros=zeros) for word in words))
    assert told in str(caught.value) and zeros not in str(caught.value)
    assert caught.value._render_traceback_() == [str(caught.value)]


def test_the_refusals_of_the_server_are_its_own_words(server: Server) -> None:
    classroom = wb.connect(f"{server.address}/?race=x", server.token())
    refused = (
        ({"methods": ["lorra"]}, "Did you mean lora"),
        ({"model": "/etc"}, "a model of the list"),
        ({"objective": "classification"}, "chooses among a few labels"),
    )
    for words, told in refused:
        with pytest.raises(ServerError, match=told):
            classroom.race(**words)
    with pytest.raises(SpecError, match="Did you mean steps"):
        classroom.race(stepps=3)
    assert len(classroom.runs()) == 0
