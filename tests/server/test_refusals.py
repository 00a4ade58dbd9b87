"""A server that cannot start, as a process of its own: one sentence, its exit code, no traceback, nothing left."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.store.index import Index

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0  # seconds on a busy machine
DROP, WRITES_ANYWHERE, READS_ANYWHERE = 24, 1, 2  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
PORT_REFUSED, STORAGE_REFUSED = 9, 7

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are POSIX")


# What a process does before it becomes the server; a fork with own code in it is no good idea in a process of threads.
BECOME = "\nimport os, sys; os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
AS_ANYBODY = f"""
import ctypes, os
if os.geteuid() == 0:  # on Linux root has the right to write what file modes forbid, until it is taken away
    for right in ({WRITES_ANYWHERE}, {READS_ANYWHERE}):
        assert ctypes.CDLL(None).prctl({DROP}, right, 0, 0, 0) == 0
"""
WITH_ROOM = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))"  # no file grows beyond it


def refused(home: Path, code: int, port: int = 0, before: str = "") -> str:
    """Start the server, which must refuse with one sentence; gives it."""
    command = ["app.py", "--no-browser", "--port", str(port), "--home", str(home)]
    done = subprocess.run(
        [sys.executable, "-c", before + BECOME, *command], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("Error: ") and "Traceback" not in line
    return line


def test_a_read_only_home_is_one_sentence(tmp_path: Path) -> None:
    home = tmp_path / "locked"
    home.mkdir()
    (home / "kept").touch()
    home.chmod(0o500)
    line = refused(home, STORAGE_REFUSED, before=AS_ANYBODY)
    assert str(home) in line and "read-only or belongs to someone else" in line
    assert [path.name for path in home.iterdir()] == ["kept"]


def test_a_home_in_a_read_only_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(0o500)
    line = refused(tmp_path / "locked" / "new" / "home", STORAGE_REFUSED, before=AS_ANYBODY)
    assert "read-only or belongs to someone else" in line
    assert list((tmp_path / "locked").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux")
def test_a_home_where_nobody_can_make_a_folder_is_one_sentence() -> None:
    assert "/proc/workbench could not be written" in refused(Path("/proc/workbench"), STORAGE_REFUSED)


@pytest.mark.parametrize(
    ("room", "told"),
    [(0, "The disk is full"), (1000, "The disk is full"), (6000, "cannot be written"), (20_000, "cannot be written")],
)
def test_a_full_home_is_one_sentence_and_does_later_when_there_is_room(tmp_path: Path, room: int, told: str) -> None:
    """Less room than for the first file, and less than for the index."""
    home = tmp_path / "home"
    line = refused(home, STORAGE_REFUSED, before=WITH_ROOM.format(room=room))
    assert told in line and str(home) in line
    index = Index(home / "index.sqlite")
    assert index.entries() == []
    index.close()


def test_a_port_in_use_is_one_sentence_from_the_process(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refused(tmp_path / "home", PORT_REFUSED, port)
    assert f"Port {port} on 127.0.0.1 cannot be used" in line and "--port 0" in line
    assert not (tmp_path / "home").exists()
