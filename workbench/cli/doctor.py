"""`workbench doctor`: what works on this machine, a line each, and what to do about the rest."""

import json
import os
import platform
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import typer
from rich.text import Text

from workbench.cli import machine
from workbench.cli.options import Home, Json
from workbench.cli.screen import screen, short_bytes, show_json
from workbench.errors import WorkbenchError
from workbench.models.catalog import CATALOG, Entry
from workbench.settings import home as default_home
from workbench.settings import is_offline
from workbench.spec import RunSpec
from workbench.views.text import readable

HUB = ("huggingface.co", 443)
SECONDS_TO_ANSWER = 2.0
LEAST_MEMORY = 2 * 1024**3  # bytes: torch, and the pocket model with its optimizer, in comfort
LEAST_DISK = 1024**3
PACKAGES = ("torch", "transformers", "peft", "typer", "rich", "plotly")


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is in order, what was found, and what to do where it is not.

    `is_needed`: without it nothing trains.
    """

    what: str
    ok: bool
    found: str
    advice: str = ""
    is_needed: bool = False


def doctor(
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Look whether everything is there; exits with 1 where something needed is missing."""
    findings = []
    for finding in examine(home or default_home()):
        findings.append(finding)
        if not as_json:
            screen().print(_line(finding), soft_wrap=not sys.stdout.isatty())
    if as_json:
        show_json([asdict(finding) for finding in findings])
    if any(finding.is_needed and not finding.ok for finding in findings):
        raise typer.Exit(1)


def examine(home: Path) -> Iterator[Finding]:
    """All findings, the quick ones first; an examination that fails is a finding itself."""
    yield _python()
    yield from (_package(name) for name in PACKAGES)
    yield _processor()
    checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("device", _device),
        ("memory", _memory),
        ("disk", lambda: _disk(home)),
        ("home", lambda: _home(home)),
    )
    for what, check in checks:
        try:
            yield check()
        except (OSError, ImportError, RuntimeError, WorkbenchError) as error:
            yield Finding(what, False, f"could not be examined: {error}")
    yield from (_bundled(entry) for entry in CATALOG.values() if entry.is_bundled)
    yield _hub()


def _line(finding: Finding) -> Text:
    mark = ("ok   ", "green") if finding.ok else ("warn ", "bold yellow")
    words = f"{finding.found} {finding.advice}" if not finding.ok else finding.found
    return Text.assemble(mark, (f"{finding.what}: ", "bold"), readable(words).strip())


def _python() -> Finding:
    ok = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Finding("Python", ok, platform.python_version(), "Python 3.11 to 3.13 is what this is tested on.")


def _package(name: str) -> Finding:
    found = machine.version(name)
    return Finding(name, found != "missing", found, f"Install it: pip install {name}.", is_needed=True)


def _processor() -> Finding:
    threads = os.environ.get("OMP_NUM_THREADS", "")
    cores = machine.cores()
    found = f"{machine.processor()}, {cores} cores" + (f", OMP_NUM_THREADS={threads}" if threads else "")
    ok = not threads.isdigit() or int(threads) <= cores
    return Finding("processor", ok, found, f"More threads than cores slow training down: set OMP_NUM_THREADS={cores}.")


def _device() -> Finding:
    import torch

    threads = f"torch uses {torch.get_num_threads()} threads"
    if torch.cuda.is_available():
        facts = torch.cuda.get_device_properties(0)
        return Finding("device", True, f"{facts.name}, {short_bytes(facts.total_memory)}; {threads}")
    if torch.backends.mps.is_available():
        return Finding("device", True, f"Apple GPU; {threads}")
    return Finding("device", True, f"CPU (no GPU found, none is needed for the bundled models); {threads}")


def _memory() -> Finding:
    memory = psutil.virtual_memory()
    found = f"{short_bytes(memory.available)} of {short_bytes(memory.total)} free"
    return Finding("memory", memory.available >= LEAST_MEMORY, found, "Close other programs, or lower --batch-size.")


def _disk(home: Path) -> Finding:
    free = machine.free_bytes(home)
    found = f"{short_bytes(free)} free where runs are kept"
    return Finding("disk", free >= LEAST_DISK, found, "Free some space, or choose another folder with WORKBENCH_HOME.")


def _home(home: Path) -> Finding:
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            return Finding("home", True, f"{home} can be written", is_needed=True)
    except OSError as error:
        advice = "Choose a folder of your own with WORKBENCH_HOME or --home."
        return Finding("home", False, f"{home} cannot be written ({error.strerror}).", advice, is_needed=True)


def _bundled(entry: Entry) -> Finding:
    """Whether the model's files are whole: the config is read, and the weights are as long as they say."""
    is_needed = entry.name == RunSpec().model
    try:
        card = entry.card()
        problem = _damage(entry.folder)
    except WorkbenchError as error:  # says itself what to do
        return Finding(entry.name, False, str(error), is_needed=is_needed)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        problem = str(error)
    if problem:
        return Finding(entry.name, False, problem, "Restore it with `git checkout -- assets`.", is_needed)
    return Finding(entry.name, True, f"bundled, {card.parameters:,} parameters")


def _damage(folder: Path) -> str:
    """What is wrong with the folder's files; empty where nothing is."""
    weights = folder / "model.safetensors"
    for path in (weights, folder / "tokenizer.json"):
        if not path.is_file():
            return f"{path.name} is missing in {folder}."
    if (expected := _stated_size(weights)) != weights.stat().st_size:
        return f"{weights} has {weights.stat().st_size:,} bytes, but says it has {expected:,}."
    return ""


def _stated_size(weights: Path) -> int:
    """Bytes that a safetensors file must have: 8, the header, and the end of the last tensor."""
    with weights.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > weights.stat().st_size:
            return 8 + length
        header = json.loads(file.read(length))
    ends = [facts["data_offsets"][1] for name, facts in header.items() if name != "__metadata__"]
    return 8 + length + max(ends, default=0)


def _hub() -> Finding:
    """Whether models can be fetched; a first run needs none."""
    if is_offline():
        return Finding("hub", True, "not asked, since HF_HUB_OFFLINE is set; bundled and local models work")
    try:
        with socket.create_connection(HUB, timeout=SECONDS_TO_ANSWER):
            return Finding("hub", True, f"{HUB[0]} answers")
    except OSError:
        return Finding("hub", True, f"{HUB[0]} is out of reach; bundled models, local folders and fetched models work")
