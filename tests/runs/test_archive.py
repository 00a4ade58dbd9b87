"""Archives: what goes out comes back the same, and what was tampered with stays out."""

import io
import json
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import RunError, StorageError
from workbench.runs.archive import Limits, export_artifact, export_run, import_run
from workbench.runs.folder import RunFolder, delete_run, list_runs
from workbench.runs.summary import summarise

Entries = dict[str, bytes]


@pytest.fixture
def entries(finished: RunFolder) -> Entries:
    """The files of a good archive, to be spoilt."""
    return {
        path.relative_to(finished.path).as_posix(): path.read_bytes()
        for path in finished.path.rglob("*")
        if path.is_file() and path.name != "lock"
    }


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., str]:
    """Import the entries into an empty home, which must refuse them and keep nothing; gives the sentence."""

    def attempt(entries: Any, limits: Limits | None = None, raw: bytes | None = None) -> str:
        file, home = tmp_path / "handed-in.zip", tmp_path / "teacher"
        file.write_bytes(pack(entries) if raw is None else raw)
        with pytest.raises(RunError) as caught:
            import_run(file, home, limits)
        assert list((home / "runs").iterdir()) == []
        assert {path.name for path in tmp_path.iterdir()} <= {"handed-in.zip", "teacher", "home"}
        assert caught.value.message.startswith("handed-in.zip was not imported: ")
        return str(caught.value)

    return attempt


def pack(entries: Any) -> bytes:
    """Zip (name or ZipInfo, data) pairs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items() if isinstance(entries, dict) else entries:
            archive.writestr(name, data)
    return buffer.getvalue()


def test_an_exported_run_comes_back_the_same(home: Path, finished: RunFolder, tmp_path: Path) -> None:
    before = summarise(finished)
    file = export_run(finished, tmp_path / "run.zip")
    delete_run(finished)
    again = import_run(file, home)
    assert again == finished
    assert summarise(again) == before
    assert {path.name for path in again.artifact.iterdir()} == {"adapter_config.json", "adapter_model.safetensors"}
    assert stat.S_IMODE(again.path.stat().st_mode) & 0o055 == 0o055


def test_an_import_never_overwrites(home: Path, finished: RunFolder, tmp_path: Path) -> None:
    file = export_run(finished, tmp_path / "run.zip")
    with pytest.raises(RunError, match="is here already"):
        import_run(file, home)
    assert list_runs(home) == [finished]
    with pytest.raises(RunError, match="exists already"):
        export_run(finished, file)


def test_files_packed_by_hand_and_by_a_desktop_are_taken(entries: Entries, tmp_path: Path) -> None:
    flat, nested = tmp_path / "flat.zip", tmp_path / "nested.zip"
    flat.write_bytes(pack(entries))
    litter = {"x/.DS_Store": b"1", "__MACOSX/x/._spec.json": b"2", "x/": b""}
    nested.write_bytes(pack(litter | {f"x/{name}": data for name, data in entries.items()}))
    one, two = import_run(flat, tmp_path / "one"), import_run(nested, tmp_path / "two")
    assert one.id == two.id
    assert not list(two.path.rglob(".*"))


def test_a_torn_journal_is_taken(entries: Entries, tmp_path: Path) -> None:
    (tmp_path / "torn.zip").write_bytes(pack(entries | {"events.jsonl": entries["events.jsonl"][:-9]}))
    assert summarise(import_run(tmp_path / "torn.zip", tmp_path / "teacher"))["state"] == "interrupted"


@pytest.mark.parametrize(
    "name",
    [
        "../evil.json",
        "artifact/../../evil.json",
        "/etc/evil.json",
        "artifact\\..\\..\\evil.json",
        "C:/evil.json",
        "lock",
        "stop",
        "artifact/pytorch_model.bin",
        "artifact/modeling.py",
        "artifact/.hidden.json",
        "checkpoints/step-1/state.json/x.json",
        "spec.json\n",
        "SPEC.json",
        "artifact/a/b/c/d/deep.json",
    ],
)
def test_a_file_that_does_not_belong_is_refused(name: str, entries: Entries, refused: Callable[..., str]) -> None:
    assert "does not belong" in refused([*entries.items(), (name, b"{}")])


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_file_twice_is_refused(entries: Entries, refused: Callable[..., str]) -> None:
    assert "twice" in refused([*entries.items(), ("spec.json", b"{}")])
    assert "twice" in refused([*entries.items(), ("artifact/A.json", b"{}"), ("artifact/a.json", b"{}")])


def test_links_and_devices_are_refused(entries: Entries, refused: Callable[..., str]) -> None:
    for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR):
        link = zipfile.ZipInfo("artifact/link.json")
        link.create_system, link.external_attr = 3, (kind | 0o777) << 16
        assert "is a link or a device" in refused([*entries.items(), (link, b"/etc/passwd")])


def test_bombs_are_refused(entries: Entries, refused: Callable[..., str]) -> None:
    bomb = entries | {"artifact/zeros.json": bytes(8 << 20)}
    assert "zip bomb" in refused(bomb)
    assert "more than the 1,000 bytes" in refused(entries, Limits(bytes=1000))
    assert "files, but allowed are 3" in refused(entries, Limits(files=3))
    assert "allowed for a text" in refused(entries, Limits(text_bytes=100))


def test_a_file_larger_than_the_zip_says_is_refused(entries: Entries, refused: Callable[..., str]) -> None:
    raw = pack(entries | {"artifact/lie.txt": os.urandom(5000)})
    told = raw.replace((5000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert told != raw
    refused({}, raw=told)


def test_what_is_no_zip_is_refused(entries: Entries, refused: Callable[..., str], tmp_path: Path) -> None:
    assert "no whole zip file" in refused({}, raw=b"hello")
    assert "no whole zip file" in refused({}, raw=pack(entries)[:-30])
    spoilt = bytearray(pack(entries))
    spoilt[80] ^= 255
    refused({}, raw=bytes(spoilt))
    assert "holds no spec.json" in refused({})
    with pytest.raises(RunError, match="cannot be read"):
        import_run(tmp_path / "nowhere.zip", tmp_path / "teacher")


def test_an_encrypted_file_is_refused(entries: Entries, refused: Callable[..., str]) -> None:
    raw = bytearray(pack(entries))
    place = raw.index(b"PK\x01\x02")
    raw[place + 8] |= 1
    assert "encrypted" in refused({}, raw=bytes(raw))


def spoilt_event(entries: Entries, **changes: object) -> Entries:
    first, *rest = entries["events.jsonl"].splitlines()
    record = json.dumps({**json.loads(first), **changes}).encode()
    return entries | {"events.jsonl": b"\n".join([record, *rest]) + b"\n"}


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "pwned"},
        {"event": ["started"]},
        {"run": 3},
        {"seq": -1},
        {"seq": True},
        {"step": "<script>"},
        {"step": 10**30},
        {"seconds": None},
        {"seconds": float("inf")},
        {"counts": {"total": "many"}},
        {"counts": [1]},
        {"device": {"a": 1}},
        {"event": "finished", "artifact": "../../etc"},
        {"event": "checkpointed", "path": "/etc/passwd"},
        {"event": "sampled", "samples": ["text"]},
        {"event": "sampled", "samples": [{"text": 4}]},
    ],
    ids=str,
)
def test_an_event_with_a_wrong_field_is_refused(
    changes: dict[str, object], entries: Entries, refused: Callable[..., str]
) -> None:
    assert "line 1 of its journal is no event" in refused(spoilt_event(entries, **changes))


def test_a_journal_of_another_run_or_out_of_order_is_refused(entries: Entries, refused: Callable[..., str]) -> None:
    assert "another run" in refused(spoilt_event(entries, run="20260101-000000-lora-0000"))
    lines = entries["events.jsonl"].splitlines(keepends=True)
    assert "line 2 of its journal is out of order" in refused(entries | {"events.jsonl": lines[1] + lines[0]})
    deep = b"[" * 100_000 + b"\n"
    assert "line 1 of its journal is no event" in refused(entries | {"events.jsonl": deep})


def test_a_spoilt_spec_or_origin_is_refused(entries: Entries, refused: Callable[..., str]) -> None:
    assert "not a run" in refused(entries | {"spec.json": b'{"seed": -1}'})
    assert "cannot be read" in refused(entries | {"spec.json": b"[1, 2"})
    for about in ({"run": "../../x"}, {"race": "x"}, {"order": -1}, {"created": "<b>"}):
        spoilt = json.dumps(json.loads(entries["about.json"]) | about).encode()
        assert "about.json" in refused(entries | {"about.json": spoilt})


def test_weights_that_are_no_safetensors_are_refused(entries: Entries, refused: Callable[..., str]) -> None:
    for pickle in (b"\x80\x04\x95\x00\x00", b"", bytes(50), (2**63).to_bytes(8, "little")):
        spoilt = entries | {"artifact/adapter_model.safetensors": pickle}
        assert "holds no safetensors" in refused(spoilt)


def test_an_adapter_that_imports_foreign_code_is_refused(entries: Entries, refused: Callable[..., str]) -> None:
    config = json.dumps({"auto_mapping": {"base_model_class": "system", "parent_library": "os"}}).encode()
    assert "foreign library 'os'" in refused(entries | {"artifact/adapter_config.json": config})


def test_a_full_disk_leaves_nothing(entries: Entries, tmp_path: Path, largest_file: Any) -> None:
    (tmp_path / "run.zip").write_bytes(pack(entries))
    with largest_file(200), pytest.raises(StorageError, match="disk is full"):
        import_run(tmp_path / "run.zip", tmp_path / "teacher")
    assert list((tmp_path / "teacher" / "runs").iterdir()) == []


def test_the_artifact_is_exported_as_a_folder(finished: RunFolder, queued: RunFolder, tmp_path: Path) -> None:
    folder = export_artifact(finished, tmp_path / "tuned")
    assert {path.name for path in folder.iterdir()} == {"adapter_config.json", "adapter_model.safetensors"}
    with pytest.raises(RunError, match="exists already"):
        export_artifact(finished, folder)
    for path in finished.artifact.iterdir():
        path.unlink()
    finished.artifact.rmdir()
    with pytest.raises(RunError, match="has no tuned weights"):
        export_artifact(finished, tmp_path / "other")
