"""What watching costs: the server's processor time and memory, how late a page is, how quickly it answers.

    python bench/live.py                    # writes bench/live.json, prints it
    python bench/live.py --viewers 30 --rounds 5

A real server on this machine, races of three methods on the bundled model. Rounds with and without viewers alternate.
The viewers are bare sockets of one process here, so what they cost beside the server counts as slowdown too, and so
does the browser in the part that measures drawing; in a class these are other machines.
"""

import argparse
import asyncio
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from websockets.asyncio.client import connect as connect_async
from websockets.sync.client import connect

METHODS = ("full", "lora", "adapter")
ROOT = Path(__file__).parent.parent


class Server:
    """A workbench server in a process of its own, over a fresh home."""

    def __init__(self, home: Path) -> None:
        began = time.perf_counter()
        self.home = home
        command = [sys.executable, "app.py", "--no-browser", "--port", "0", "--home", str(home)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.address = self.process.stdout.readline().split(" is at ")[1].split("/ ")[0].removeprefix("http://")
        while not self._answers():
            time.sleep(0.02)
        self.seconds_to_first_page = time.perf_counter() - began
        self.facts = psutil.Process(self.process.pid)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}/", timeout=5):
                return True
        except OSError:
            return False

    def call(self, path: str, body: Any = None) -> Any:
        """Ask over HTTP."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{self.address}{path}", data, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)

    def submit(self, steps: int, methods: tuple[str, ...] = METHODS) -> str:
        """Start a race."""
        budget = {"steps": steps, "evaluate_every": max(1, steps // 2)}
        body = [{"model": "pocket-gpt", "task": "describe", "method": name, "budget": budget} for name in methods]
        return str(self.call("/api/races", body)["race"])

    def messages(self, race: str) -> Iterator[dict[str, Any]]:
        """What the live socket says until the race is over."""
        with connect(f"ws://{self.address}/live", max_size=None) as socket:
            socket.send(json.dumps({"watch": race, "after": 0}))
            while True:
                message = json.loads(socket.recv())
                yield message
                if all(run["state"] not in ("queued", "running") for run in message["runs"]):
                    return

    def processor_seconds(self) -> float:
        """What the server alone used so far."""
        times = self.facts.cpu_times()
        return times.user + times.system


def main() -> None:
    """Measure all and write it down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viewers", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        server = Server(Path(home))
        try:
            result = measure(server, options.viewers, options.rounds, options.steps)
        finally:
            server.process.terminate()
            server.process.wait(30)
    text = json.dumps(result, indent=2)
    (Path(__file__).parent / "live.json").write_text(text + "\n")
    print(text)


def measure(server: Server, viewers: int, rounds: int, steps: int) -> dict[str, Any]:
    """All figures; milliseconds, megabytes."""
    warm_up(server)
    firsts = [first_point(server) for _ in range(9)]
    pairs = [(timed_race(server, steps, 0), timed_race(server, steps, viewers)) for _ in range(rounds)]
    alone, watched = zip(*pairs, strict=True)
    events = alone[0]["events"]
    own = statistics.median(race["processor"] for race in alone)
    extra = statistics.median(race["processor"] for race in watched) - own
    lasting = statistics.median(race["seconds"] for race in watched)
    return {
        "machine": {"cores": psutil.cpu_count(), "processor": platform.processor() or platform.machine()},
        "seconds_to_first_page": round(server.seconds_to_first_page, 2),
        "submit_to_first_point_ms": spread([1000 * value for value in firsts]),
        "slowdown_with_viewers": spread([b["seconds"] / a["seconds"] for a, b in pairs]),
        "viewers": viewers,
        "server_ms_per_event": round(1000 * own / events, 3),
        "server_ms_per_viewer_second": round(1000 * extra / viewers / lasting, 3),
        "written_to_drawn_ms": drawing_delays(server, steps),
        "click_to_answer_ms": answers_while_training(server, steps),
        "server_megabytes": round(server.facts.memory_full_info().pss / 1e6),
    }


def warm_up(server: Server) -> None:
    """A first race, and time for the warm parent to get all ready."""
    list(server.messages(server.submit(2)))
    time.sleep(20)


def first_point(server: Server) -> float:
    """Seconds from the request to the first loss in a journal."""
    stop, found = threading.Event(), []
    watcher = threading.Thread(target=_wait_for_point, args=(server.home, time.perf_counter(), found, stop))
    watcher.start()
    race = server.submit(1, ("none", *METHODS))
    list(server.messages(race))
    stop.set()
    watcher.join()
    time.sleep(0.5)
    return found[0]


def _wait_for_point(home: Path, began: float, found: list[float], stop: threading.Event) -> None:
    known = set((home / "runs").glob("*/events.jsonl"))
    while not stop.is_set() and not found:
        for journal in set((home / "runs").glob("*/events.jsonl")) - known:
            if b'"evaluated"' in journal.read_bytes():
                found.append(time.perf_counter() - began)
                return
        time.sleep(0.002)


def timed_race(server: Server, steps: int, viewers: int) -> dict[str, float]:
    """A race from its first step to its end: seconds, the server's processor seconds, events."""
    with watched(server, viewers) as watch:
        race = server.submit(steps)
        watch(race)
        began = processor = 0.0
        events = 0
        for message in server.messages(race):
            if not began and any(event["event"] == "stepped" for event in message["events"]):
                began, processor = time.perf_counter(), server.processor_seconds()
            events += len(message["events"])
        return {
            "seconds": time.perf_counter() - began,
            "processor": server.processor_seconds() - processor,
            "events": events,
        }


@contextmanager
def watched(server: Server, viewers: int) -> Iterator[Callable[[str], None]]:
    """So many sockets that watch a race, in a process of their own."""
    processes: list[subprocess.Popen[bytes]] = []

    def watch(race: str) -> None:
        if viewers:
            command = [sys.executable, __file__, "watch", server.address, race, str(viewers)]
            processes.append(subprocess.Popen(command))

    yield watch
    for process in processes:
        process.wait(60)


async def watch_all(address: str, race: str, viewers: int) -> None:
    """Read what comes and throw it away, until the race is over."""

    async def one() -> None:
        async with connect_async(f"ws://{address}/live", max_size=None, compression=None) as socket:
            await socket.send(json.dumps({"watch": race, "after": 0}))
            async for text in socket:
                if '"running"' not in text and '"queued"' not in text:
                    return

    await asyncio.gather(*(one() for _ in range(viewers)))


def answers_while_training(server: Server, steps: int) -> dict[str, float]:
    """Milliseconds from a request to its answer while a race is going."""
    race = server.submit(steps)
    watcher = threading.Thread(target=lambda: list(server.messages(race)))
    watcher.start()
    specs = [{"method": name} for name in METHODS]
    run = server.call(f"/api/races/{race}")["runs"][0]["run"]
    times = []
    while watcher.is_alive():
        for path, body in (("/api/estimate", specs), ("/api/runs/label", {"run": run, "name": "a"})):
            began = time.perf_counter()
            server.call(path, body)
            times.append(1000 * (time.perf_counter() - began))
        time.sleep(0.2)
    return spread(times)


def drawing_delays(server: Server, steps: int) -> dict[str, float]:
    """Milliseconds from an event's line in the journal to its point in the browser's plot, of all optimizer steps."""
    import shutil

    from playwright.sync_api import sync_playwright

    written: dict[tuple[str, int], float] = {}
    stop = threading.Event()
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        race = server.submit(steps)
        tailer = threading.Thread(target=_note_steps, args=(server.home, written, stop))
        tailer.start()
        page.add_init_script(NOTE_DRAWING)
        page.goto(f"http://{server.address}/?race={race}&tour=off")
        page.get_by_text("The race is over").wait_for(timeout=300_000)
        page.wait_for_timeout(1500)
        drawn = page.evaluate("window.drawn")
        browser.close()
    stop.set()
    tailer.join()
    labels = {run["label"]: run["run"] for run in server.call(f"/api/races/{race}")["runs"]}
    start = min(moment for moments in drawn.values() for moment in moments.values()) / 1000
    delays = [
        1000 * (moment / 1000 - written[labels[label], int(step)])
        for label, moments in drawn.items()
        for step, moment in moments.items()
        if written[labels[label], int(step)] > start  # those before the page was there are no delay
    ]
    return spread(delays)


# Wraps Plotly.react and notes for each trace of a training plot when a step was first drawn.
NOTE_DRAWING = """
window.drawn = {};
let real;
Object.defineProperty(window, 'Plotly', { configurable: true, get: () => real, set: (plotly) => {
  const react = plotly.react;
  plotly.react = (...all) => react(...all).then((done) => {
    for (const trace of all[1]) if (trace.showlegend === false) {
      const seen = (window.drawn[trace.name] ??= {});
      for (const step of trace.x) seen[step] ??= Date.now();
    }
    return done;
  });
  real = plotly;
} });
"""


def _note_steps(home: Path, written: dict[tuple[str, int], float], stop: threading.Event) -> None:
    sizes: dict[Path, int] = {}
    while not stop.is_set():
        for journal in (home / "runs").glob("*/events.jsonl"):
            data = journal.read_bytes()[sizes.get(journal, 0) :]
            whole = data[: data.rfind(b"\n") + 1]
            sizes[journal] = sizes.get(journal, 0) + len(whole)
            for line in whole.splitlines():
                event = json.loads(line)
                if event["event"] == "stepped":
                    written.setdefault((event["run"], event["step"]), time.time())
        time.sleep(0.01)


def spread(values: list[float]) -> dict[str, float]:
    """Median, 95th percentile, least and most."""
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 2),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 2),
        "least": round(ordered[0], 2),
        "most": round(ordered[-1], 2),
        "count": len(ordered),
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["watch"]:
        asyncio.run(watch_all(sys.argv[2], sys.argv[3], int(sys.argv[4])))
    else:
        main()
