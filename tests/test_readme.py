"""Every command that the README shows is run, as it stands there."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FENCE = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def commands() -> list[str]:
    lines = "\n".join(FENCE.findall((ROOT / "README.md").read_text())).splitlines()
    return [line.split("  #")[0].strip() for line in lines if line.strip()]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def run(arguments: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"WORKBENCH_HOME": str(home), "HF_HUB_OFFLINE": "1", "COLUMNS": "100"}
    return subprocess.run(
        arguments, cwd=ROOT, env=environment, text=True, capture_output=True, timeout=600, stdin=subprocess.DEVNULL
    )


@pytest.mark.parametrize("command", [line for line in commands() if line.startswith(".venv/bin/workbench ")])
def test_a_command_of_the_readme_works(command: str, home: Path) -> None:
    done = run([sys.executable, "-m", "workbench", *shlex.split(command)[1:]], home)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert "Traceback" not in done.stderr


def test_make_race_races_six_methods_and_writes_the_report(home: Path) -> None:
    report = ROOT / "report.html"
    report.unlink(missing_ok=True)
    done = run(["make", "--old-file=setup", "race", f"RUN={sys.executable}", "MORE=--steps 30"], home)
    assert done.returncode == 0, done.stderr
    for method in ("none", "full", "adapter", "prefix", "prompt", "lora"):
        assert method in done.stdout
    assert report.stat().st_size > 1_000_000  # plotly is in it


def test_make_test_runs_every_test() -> None:
    plan = run(["make", "--dry-run", "--old-file=setup", "test"], ROOT)
    (line,) = [line for line in plan.stdout.splitlines() if " -m pytest" in line]
    options = line.split(" -m pytest ")[1].split()
    assert options == ["--numprocesses", "3", "--dist", "worksteal"]  # nothing is left out


def test_the_readme_shows_no_other_command() -> None:
    others = [line for line in commands() if not line.startswith((".venv/bin/workbench ", "make "))]
    assert others == []
    assert {line for line in commands() if line.startswith("make ")} == {"make app", "make race", "make test"}


def test_the_readme_links_to_files_that_exist() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text()):
        assert (ROOT / target).exists(), target
