"""A file of 80 MB is read whole, in memory that does not run away, and a server keeps nothing of it."""

import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from workbench.tasks.own_file import OwnFile, first_look

ROW = f'"item {{}}, {"long " * 40}","{"word " * 40}"\n'
ROOM = 3  # bytes of address space for each byte of the file, libraries aside
LIBRARIES = 300_000_000
READ = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
from workbench.tasks.own_file import OwnFile
print(*OwnFile(path=sys.argv[1]).notes())
"""


def write_rows(path: Path, size: int) -> int:
    """Fill a CSV file with different rows up to a size in bytes; returns how many there are."""
    rows = size // len(ROW.format(10**6))
    with path.open("w") as file:
        file.write("prompt,target\n")
        file.writelines(ROW.format(10**6 + number) for number in range(rows))
    return rows


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are POSIX")
def test_80_megabytes_are_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    rows = write_rows(path, 80_000_000)
    room = LIBRARIES + ROOM * path.stat().st_size
    done = subprocess.run([sys.executable, "-c", READ, str(path), str(room)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"{rows} examples" in done.stdout


def test_a_look_over_a_file_keeps_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    rows = write_rows(path, 1_000_000)
    task = OwnFile(path=str(path))
    first_look(task)
    tracemalloc.start()
    told = first_look(task)
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert told["columns"] == ("prompt", "target") and f"{rows} examples" in told["notes"][-1]
    assert kept < 50_000 < path.stat().st_size < most


def test_a_score_looks_for_targets_of_what_was_asked_in_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "several.csv"
    path.write_text("prompt,target\n" + "".join(f"p{n % 20},target {n}\n" for n in range(60)))
    task = OwnFile(path=str(path))
    record = task.records("evaluation", 1, 0)[0]
    number = int(record.prompt[1:])
    for target in (number, number + 20, number + 40):
        assert task.score([record], [f"target {target}"]) == {"similarity": 1.0, "exact_match": 1.0}
    assert task.score([record], [f"target {number + 1}"])["exact_match"] == 0.0
