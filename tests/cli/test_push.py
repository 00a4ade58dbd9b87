"""A tuned model goes to the hub under a person's own login, and what the hub refuses is a sentence.

The hub is one in this process: it answers what huggingface_hub's client says to push a folder as the hub does. It
speaks the older way of large files, git LFS, since the newer one, Xet, asks servers of its own. What the hub checks
beyond names, login and rights it does not know.
"""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch

from workbench.models.load import load_base
from workbench.report.merged import merged
from workbench.runs.folder import RunFolder
from workbench.runs.record import record
from workbench.spec import Budget, Choice, RunSpec, parse_choice

# The client hands a large file to its transport library in a way that the library will no longer take one day.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

ROOT = Path(__file__).parent.parent.parent
BUDGET = Budget(steps=3, batch_size=2, evaluation_examples=2, metric_examples=0, learning_rate=0.01)
OWNER, TOKEN = "mia", "hf_of_mia"
MODEL = re.compile(r"/api/models/([^/]+/[^/]+)(/preupload/main|/commit/main|/revision/main)?")
LFS = re.compile(r"/([^/]+/[^/]+)\.git/info/lfs/objects/batch")


@dataclass
class Repo:
    """A repository: its files by name, and the message of every commit."""

    private: bool
    files: dict[str, bytes] = field(default_factory=dict)
    commits: list[str] = field(default_factory=lambda: ["initial commit"])

    @property
    def sha(self) -> str:
        return hashlib.sha1(repr(self.commits).encode()).hexdigest()


class FakeHub(ThreadingHTTPServer):
    """The hub of one user; `repos` can be read and filled by a test, `asked` lists what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.repos: dict[str, Repo] = {}
        self.large: dict[str, bytes] = {}  # by SHA-256
        self.asked: list[str] = []
        self.is_broken = False
        self.takes_large = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: FakeHub

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _answer(self, verb: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.split("?")[0]
        self.server.asked.append(f"{verb} {path}")
        if path.startswith("/large/") and not self.server.takes_large:
            self._refuse(413)
        elif path.startswith("/large/"):  # a signed address: no login is sent there
            self.server.large[path.removeprefix("/large/")] = body
            self._say({})
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._refuse(401, message="Invalid credentials in Authorization header")
        elif self.server.is_broken:
            self._refuse(500)
        elif path == "/api/repos/create":
            self._create(json.loads(body))
        elif path == "/api/validate-yaml":
            self._say({"errors": [], "warnings": [{"message": "no license"}]})
        elif found := LFS.fullmatch(path):
            self._large(json.loads(body))
        elif found := MODEL.fullmatch(path):
            self._model(found[1], found[2], body)
        else:
            self._refuse(404)

    def _say(self, data: Any) -> None:
        self._send(200, json.dumps(data).encode())

    def _refuse(self, status: int, code: str = "", message: str = "") -> None:
        self._send(status, b"{}", {"X-Error-Code": code, "X-Error-Message": message})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _create(self, wanted: dict[str, Any]) -> None:
        name = f"{wanted.get('organization') or OWNER}/{wanted['name']}"
        if not name.startswith(f"{OWNER}/"):
            self._refuse(403, message="You don't have the rights to create a model under this namespace")
        elif name in self.server.repos:
            self._refuse(409, message="You already created this model repo")
        else:
            self.server.repos[name] = Repo(wanted.get("private") is True or wanted.get("visibility") == "private")
            self._say({"url": f"{self.server.url}/{name}"})

    def _model(self, name: str, action: str | None, body: bytes) -> None:
        repo = self.server.repos.get(name)
        is_mine = name.startswith(f"{OWNER}/")
        if repo is None or (repo.private and not is_mine):
            self._refuse(404, "RepoNotFound", "Repository not found")
        elif action in (None, "/revision/main"):
            siblings = [{"rfilename": file} for file in repo.files]
            self._say({"id": name, "private": repo.private, "sha": repo.sha, "siblings": siblings})
        elif not is_mine:
            self._refuse(403, message="Forbidden: you must be in this repo's write group")
        elif action == "/preupload/main":
            self._say({"files": [_mode(file["path"], repo) for file in json.loads(body)["files"]]})
        else:
            self._commit(name, repo, [json.loads(line) for line in body.splitlines()])

    def _large(self, wanted: dict[str, Any]) -> None:
        upload = {
            one["oid"]: {"upload": {"href": f"{self.server.url}/large/{one['oid']}"}} for one in wanted["objects"]
        }
        self._say({"objects": [{**one, "actions": upload[one["oid"]]} for one in wanted["objects"]]})

    def _commit(self, name: str, repo: Repo, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            value = line["value"]
            if line["key"] == "header":
                repo.commits.append(value["summary"])
            elif line["key"] == "file":
                repo.files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                repo.files[value["path"]] = self.server.large[value["oid"]]
        url = f"{self.server.url}/{name}/commit/{repo.sha}"
        self._say({"success": True, "commitUrl": url, "commitOid": repo.sha})


def _mode(path: str, repo: Repo) -> dict[str, Any]:
    """How a file is to be sent, and the name by content of the one that is there."""
    is_large = path.endswith(".safetensors")
    told = {"path": path, "uploadMode": "lfs" if is_large else "regular", "shouldIgnore": False}
    there = repo.files.get(path)
    if there is None:
        return told
    blob = hashlib.sha1(b"blob %d\0" % len(there) + there).hexdigest()  # as git names it
    return {**told, "oid": hashlib.sha256(there).hexdigest() if is_large else blob}


@pytest.fixture
def trained(tiny_model: Path, own_file: Path, tmp_path: Path) -> Callable[[str], RunFolder]:
    """A short run in the home that the command line reads."""

    def train(method: str) -> RunFolder:
        task = Choice("own_file", {"path": str(own_file)})
        spec = RunSpec(str(tiny_model), task, parse_choice(method), budget=BUDGET)
        run = [event.run for event in record([spec], tmp_path / "home")][-1]
        return RunFolder(tmp_path / "home" / "runs" / run)

    return train


@pytest.fixture
def hub(call, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A hub to which the client is pointed, and a login of its user."""
    from huggingface_hub import close_session

    server = FakeHub()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    for name, value in {"ENDPOINT": server.url, "HF_HUB_OFFLINE": False, "HF_HUB_DISABLE_XET": True}.items():
        monkeypatch.setattr(f"huggingface_hub.constants.{name}", value)
    yield server
    close_session()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_merged_model_is_pushed_as_a_private_one_that_answers_as_the_tuned_one(
    call, trained, hub: FakeHub, tmp_path: Path
) -> None:
    folder = trained("lora:rank=2")
    result = call("runs", "export", folder.id, "--merged", "--push", "mia/cats")
    assert result.exit_code == 0, result.output
    assert result.stdout.split() == ["Pushed:", f"{hub.url}/mia/cats", "(private)"]
    repo = hub.repos["mia/cats"]
    assert repo.private and repo.commits[1:] == ["LoRA of tiny on mine.csv"]
    copy = tmp_path / "copy"
    copy.mkdir()
    for name, content in repo.files.items():
        (copy / name).write_bytes(content)
    ids = torch.tensor([[1, 4, 5, 6, 7]])
    with torch.no_grad():
        pushed = load_base(str(copy)).model(input_ids=ids).logits
        tuned = merged(folder, load_base(folder.spec().model))(input_ids=ids).logits
    torch.testing.assert_close(pushed, tuned)
    assert not list(Path.cwd().glob(f"{folder.id}*"))


def test_a_peft_folder_goes_with_its_card_and_no_path_or_token_with_it(
    call, trained, hub: FakeHub, tmp_path: Path
) -> None:
    folder = trained("lora:rank=2")
    result = call(
        "runs", "export", folder.id, tmp_path / "mine", "--weights", "--push", "mia/lora", "--public", "--json"
    )
    assert result.exit_code == 0, result.output
    row, repo = json.loads(result.stdout), hub.repos["mia/lora"]
    assert (row["repo"], row["private"], row["was_there"]) == ("mia/lora", False, False)
    assert row["file"] == str(tmp_path / "mine") and row["commit"] == repo.sha and not repo.private
    assert set(repo.files) == {"README.md", "adapter_config.json", "adapter_model.safetensors", "artifact.json"}
    assert repo.files["README.md"] == (tmp_path / "mine" / "README.md").read_bytes()
    assert b"LoRA" in repo.files["README.md"] and b"--data mine.csv" in repo.files["README.md"]
    for content in repo.files.values():
        assert str(tmp_path).encode() not in content and TOKEN.encode() not in content
    home = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert not [path for path in home if TOKEN.encode() in path.read_bytes()]


def test_what_is_there_already_gets_a_commit_more_and_the_same_files_none(call, trained, hub: FakeHub) -> None:
    folder = trained("lora:rank=2")
    hub.repos["mia/lora"] = Repo(private=True, files={"notes.txt": b"mine", "README.md": b"old"})
    words = ("runs", "export", folder.id, "--weights", "--push", "mia/lora")
    first = call(*words)
    assert first.exit_code == 0, first.output
    assert "a new commit in a repository that was there already" in " ".join(first.stdout.split())
    repo = hub.repos["mia/lora"]
    assert repo.files["notes.txt"] == b"mine" and b"LoRA" in repo.files["README.md"]
    assert len(repo.commits) == 2 and "POST /api/repos/create" not in hub.asked
    again = call(*words)
    assert again.exit_code == 0 and "holds these very files" in " ".join(again.stdout.split())
    assert len(repo.commits) == 2


def test_nothing_becomes_public_without_being_asked_for(call, trained, hub: FakeHub) -> None:
    folder = trained("lora:rank=2")
    hub.repos["mia/open"] = Repo(private=False)
    result = call("runs", "export", folder.id, "--weights", "--push", "mia/open")
    assert result.exit_code == 4 and "everyone can see it. Push there with --public." in result.stderr
    assert hub.repos["mia/open"].files == {}
    assert call("runs", "export", folder.id, "--weights", "--push", "mia/open", "--public").exit_code == 0
    assert hub.repos["mia/open"].files


@pytest.mark.parametrize(
    ("repo", "others", "sentence"),
    [
        ("tom/cats", {}, "this login has no right to write there"),
        ("tom/cats", {"tom/cats": Repo(private=False)}, "this login has no right to write there"),
        ("tom/cats", {"tom/cats": Repo(private=True)}, "this login has no right to write there"),
    ],
)
def test_the_place_of_another_is_refused(call, trained, hub: FakeHub, repo: str, others, sentence: str) -> None:
    hub.repos.update(others)
    result = call("runs", "export", trained("lora:rank=2").id, "--weights", "--push", repo, "--public")
    assert result.exit_code == 4 and f"{repo} cannot be pushed: {sentence}" in result.stderr
    assert "hf auth whoami" in result.stderr and len(result.stderr.strip().splitlines()) == 1
    assert not any(other.files for other in hub.repos.values())


def test_every_other_failure_is_a_sentence_before_anything_is_merged(
    call, trained, hub: FakeHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = ("runs", "export", trained("lora:rank=2").id, tmp_path / "model", "--merged", "--push")

    def said(repo: str) -> str:
        result = call(*words, repo)
        assert result.exit_code in (2, 4) and len(result.stderr.strip().splitlines()) == 1, result.output
        assert TOKEN not in result.output
        return result.stderr

    for bad in ("cats", "mia/cats/dogs", "mia/ca--ts", "mia/cats.git", "../cats", f"mia/{'c' * 99}"):
        assert "allowed is owner/name" in said(bad)
    hub.is_broken = True
    assert "the model hub answered 500" in said("mia/cats")
    monkeypatch.setenv("HF_TOKEN", "hf_of_nobody")
    assert "does not accept this login" in said("mia/cats")
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "no-token"))
    assert "nobody is logged in to the model hub. Log in with `hf auth login`" in said("mia/cats")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    assert "the model hub cannot be reached" in said("mia/cats")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # as TRANSFORMERS_OFFLINE sets it
    assert "HF_HUB_OFFLINE forbids" in said("mia/cats")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "HF_HUB_OFFLINE forbids" in said("mia/cats")
    assert not (tmp_path / "model").exists() and hub.repos == {}


def test_a_large_file_that_is_refused_on_its_way_is_a_sentence_too(call, trained, hub: FakeHub) -> None:
    hub.takes_large = False
    result = call("runs", "export", trained("lora:rank=2").id, "--weights", "--push", "mia/lora")
    assert result.exit_code == 4 and "mia/lora cannot be pushed: the model hub answered 413." in result.stderr
    assert hub.repos["mia/lora"].files == {}


def test_what_cannot_be_merged_makes_no_repository(call, trained, hub: FakeHub) -> None:
    result = call("runs", "export", trained("adapter:width=4").id, "--merged", "--push", f"{OWNER}/cats")
    assert result.exit_code == 5 and "cannot be added into the weights" in result.stderr
    assert hub.repos == {}


@pytest.mark.parametrize("more", [["--push", "mia/cats"], ["--weights", "--public"], ["run.zip", "--push", "mia/cats"]])
def test_only_a_model_is_pushed(call, trained, more: list[str]) -> None:
    result = call("runs", "export", trained("lora:rank=2").id, *more)
    assert result.exit_code == 2 and "only" in result.stderr


def test_no_other_part_sends_anything_to_the_hub() -> None:
    words = ("upload_folder", "upload_file", "create_repo", "create_commit", "push_to_hub")
    found = {
        str(path.relative_to(ROOT / "workbench"))
        for path in (ROOT / "workbench").rglob("*.py")
        if any(word in path.read_text(encoding="utf-8") for word in words)
    }
    assert found == {"cli/push.py"}
