"""A server that is killed, or ends, leaves no process behind, and its runs can go on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from workbench.runs.record import resume
from workbench.runs.summary import read_history
from workbench.server.desk import Desk

ROOT = Path(__file__).parents[2]
SERVER = """
import runpy, sys, time
from pathlib import Path
from workbench.server.desk import Desk
races = runpy.run_path(sys.argv[2])["Races"](Desk(Path(sys.argv[1])))
races.desk.open()
race = races.submit(races.long)
races.reach_halfway(race)
print(race, flush=True)
time.sleep(600)
"""


def test_a_race_outlives_a_killed_server_and_one_that_closes(races, unbroken, races_at, home, until, is_gone) -> None:
    conftest = Path(__file__).with_name("conftest.py")
    command = [sys.executable, "-c", SERVER, str(home), str(conftest)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        race = server.stdout.readline().strip()
        family = [child.pid for child in psutil.Process(server.pid).children(recursive=True)]
        os.kill(server.pid, signal.SIGKILL)
    assert race and len(family) >= 2  # the warm parent and its worker
    until(lambda: all(is_gone(process) for process in family), 10)

    strangers = {child.pid for child in psutil.Process().children(recursive=True)}  # of this and of other tests
    other = races_at(Desk(home))
    other.desk.open()
    lora = other.lora(race)
    assert other.states(race)[1] in ("stopped", "interrupted")
    step = read_history(lora).step
    other.desk.go_on([lora.id], "local")
    until(lambda: other.states(race)[1] == "running" and other.desk.index.entries(race)[1].step > step)
    family = [child.pid for child in psutil.Process().children(recursive=True) if child.pid not in strangers]
    other.desk.close()
    assert len(family) >= 2 and all(is_gone(process) for process in family)
    history = read_history(lora)
    assert history.state in ("stopped", "interrupted") and step < history.step < other.long.steps

    list(resume([lora]))
    history = read_history(lora)
    assert (history.losses, history.evaluations, history.base_losses) == races.curve(unbroken)
