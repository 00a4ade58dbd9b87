"""The server's process: what it holds in memory, and what it says when it cannot start."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workbench.cli.app import app
from workbench.runs.liveness import hold

ROOT = Path(__file__).parents[2]
LOOK = """
import json, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
import workbench.server.app
from starlette.testclient import TestClient
from workbench.server import desk as desk_module
from workbench.server.boundary import Wall
from workbench.server.desk import Desk
from workbench.server.visitors import Visitors
from workbench.ui.page import application

desk_module.ForkExecutor.open = lambda self: None
home = Path(sys.argv[1])
with TestClient(application(Desk(home), Wall(), Visitors(home)), "http://localhost") as client:
    spec = {"model": "pocket-gpt", "task": "describe", "method": "lora", "budget": {"steps": 2}}
    answers = [client.get("/"), client.get("/api/menu"), client.post("/api/estimate", json=[spec])]
    race = client.post("/api/races", json=[spec])
    answers += [race, client.get("/api/races/" + race.json()["race"] + "/report")]
heavy = [name for name in ("torch", "transformers", "peft", "datasets") if name in sys.modules]
print(json.dumps({"codes": [answer.status_code for answer in answers], "heavy": heavy}))
"""


def test_the_server_answers_without_torch_and_what_comes_with_it(tmp_path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "GRADIO_ANALYTICS_ENABLED": "False"}
    command = [sys.executable, "-c", LOOK, str(tmp_path / "home")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"codes": [200] * 5, "heavy": []}


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """Call `workbench serve` on a port of this machine."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    return lambda *words: CliRunner().invoke(app, ["serve", "--no-browser", *map(str, words)])


def sentence(result) -> str:
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("Error: ") and "Traceback" not in result.output
    return line


def test_a_port_in_use_is_one_sentence(serve, tmp_path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = serve("--port", port)
    assert result.exit_code == 9
    assert f"Port {port} on 127.0.0.1 cannot be used" in sentence(result) and "--port 0" in result.stderr
    assert not (tmp_path / "home" / "runs").exists()


def test_an_address_that_others_reach_needs_a_password(serve) -> None:
    for host in ("0.0.0.0", "::", "192.168.0.5"):
        result = serve("--host", host, "--port", 0)
        assert result.exit_code == 9
        assert "there is no password" in sentence(result) and "--class-password" in result.stderr


def test_an_address_of_another_machine_is_one_sentence(serve) -> None:
    result = serve("--host", "192.0.2.1", "--class-password", "chalk", "--port", 0)  # an address for examples only
    assert result.exit_code == 9
    assert "192.0.2.1 cannot be used" in sentence(result)


def test_a_home_that_another_server_uses_is_one_sentence(serve, tmp_path) -> None:
    (tmp_path / "home").mkdir()
    claim = hold(tmp_path / "home")
    result = serve("--port", 0)
    claim.release()
    assert result.exit_code == 5
    assert "Another server uses" in sentence(result)


def test_a_home_that_is_a_file_is_one_sentence(serve, tmp_path) -> None:
    (tmp_path / "file").touch()
    result = serve("--home", tmp_path / "file", "--port", 0)
    assert result.exit_code == 7
    assert str(tmp_path / "file") in sentence(result)


def test_a_port_that_is_none_is_wrong_usage(serve) -> None:
    assert serve("--port", 70_000).exit_code == 2
