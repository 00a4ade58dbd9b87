"""The doctor looks at everything, calls nobody for long, and says what to do."""

import json
import struct
from pathlib import Path

from workbench.cli import doctor
from workbench.models.catalog import bundled


def test_everything_is_looked_at_in_a_line_each(call) -> None:
    findings = {entry["what"]: entry for entry in json.loads(call("doctor", "--json").stdout)}
    for what in ("Python", "torch", "processor", "device", "memory", "disk", "home", "pocket-gpt", "hub"):
        assert what in findings
    lines = call("doctor").stdout.splitlines()
    assert all(line.startswith(("ok   ", "warn ")) for line in lines)
    assert len(lines) == len(findings)


def test_an_unreachable_hub_is_no_fault(monkeypatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)

    def refuse(address, timeout) -> None:
        assert timeout <= 3
        raise OSError("no network")

    monkeypatch.setattr("socket.create_connection", refuse)
    finding = doctor._hub()
    assert finding.ok and "out of reach" in finding.found


def test_a_home_that_cannot_be_written_is_a_fault_with_advice(call, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    result = call("doctor", "--home", file / "home")
    assert result.exit_code == 1
    (line,) = [line for line in result.stdout.splitlines() if "home:" in line]
    assert line.startswith("warn ") and "--home" in line


def test_weights_that_were_cut_short_are_noticed(tmp_path: Path, monkeypatch) -> None:
    header = json.dumps({"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}).encode()
    whole = struct.pack("<Q", len(header)) + header + bytes(16)
    (tmp_path / "tokenizer.json").touch()
    (tmp_path / "model.safetensors").write_bytes(whole)
    assert doctor._damage(tmp_path) == ""
    (tmp_path / "model.safetensors").write_bytes(whole[:-1])
    assert f"{len(whole) - 1:,} bytes, but says it has {len(whole):,}" in doctor._damage(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"\xff" * 8)
    assert "but says" in doctor._damage(tmp_path)
    monkeypatch.setattr("workbench.models.catalog.assets", lambda: tmp_path / "none")
    assert not doctor._bundled(bundled("pocket-gpt", "")).ok
