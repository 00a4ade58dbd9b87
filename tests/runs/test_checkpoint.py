"""Checkpoints: whole or not at all, the last two kept, the newest whole one found."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from workbench.errors import StorageError
from workbench.runs.checkpoint import FolderStore, newest_checkpoint, put_folder, read_checkpoint, write_checkpoint
from workbench.runs.folder import RunFolder
from workbench.training.state import State

CRASH = (Path(__file__).parent / "crash.py").read_text()


def save(folder: Path, step: int, size: int = 4) -> Path:
    return write_checkpoint(folder, step, {"w": torch.full((size,), float(step))}, {"step": step})


def test_a_state_comes_back_bit_for_bit(queued: RunFolder) -> None:
    tensors = {
        "movable/w": torch.randn(3, 4).T,
        "optimizer/w/step": torch.tensor(7.0),
        "half": torch.randn(5).bfloat16(),
        "random/cpu": torch.get_rng_state(),
        "empty": torch.zeros(0, 3),
    }
    store = FolderStore(queued)
    assert store.load_checkpoint() is None
    assert store.save_checkpoint(150, State(tensors, {"step": 150, "seconds": 0.1})) == "checkpoints/step-000150"
    state = store.load_checkpoint()
    assert state is not None
    assert state.facts == {"step": 150, "seconds": 0.1}
    assert set(state.tensors) == set(tensors)
    for name, tensor in tensors.items():
        assert state.tensors[name].dtype == tensor.dtype
        assert torch.equal(state.tensors[name], tensor)


def test_tensors_that_share_memory_are_saved_each(tmp_path: Path) -> None:
    weight = torch.arange(6.0)
    path = write_checkpoint(tmp_path, 1, {"a": weight, "b": weight, "part": weight[2:4]}, {})
    tensors, _ = read_checkpoint(path)
    assert torch.equal(tensors["b"], weight)
    assert tensors["part"].tolist() == [2.0, 3.0]


def test_the_last_two_are_kept_in_the_order_of_steps(tmp_path: Path) -> None:
    for step in (50, 100, 999_950, 1_000_000):
        save(tmp_path, step)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-1000000", "step-999950"]
    assert newest_checkpoint(tmp_path) == tmp_path / "step-1000000"


@pytest.mark.parametrize("file", ["tensors.safetensors", "state.json", "manifest.json"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path: Path, file: str) -> None:
    save(tmp_path, 1)
    newest = save(tmp_path, 2)
    data = (newest / file).read_bytes()
    for damaged in (data[:-3], bytes([data[0] ^ 1]) + data[1:], b""):
        (newest / file).write_bytes(damaged)
        assert newest_checkpoint(tmp_path) == tmp_path / "step-000001"
    (newest / file).unlink()
    assert newest_checkpoint(tmp_path) == tmp_path / "step-000001"


def test_a_full_disk_keeps_the_checkpoint_before(tmp_path: Path, largest_file: Any) -> None:
    save(tmp_path, 1)
    with largest_file(20_000), pytest.raises(StorageError, match="disk is full"):
        save(tmp_path, 2, size=100_000)
    assert [path.name for path in tmp_path.iterdir()] == ["step-000001"]
    assert newest_checkpoint(tmp_path) == tmp_path / "step-000001"


def test_a_failed_replacement_brings_the_former_folder_back(tmp_path: Path) -> None:
    put_folder(tmp_path / "artifact", lambda draft: (draft / "a").write_text("1"))

    def fill(draft: Path) -> None:
        (draft / "a").write_text("2")
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="disk is full"):
        put_folder(tmp_path / "artifact", fill)
    assert (tmp_path / "artifact" / "a").read_text() == "1"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_kill_at_any_call_leaves_a_whole_checkpoint(
    tmp_path: Path, start: Callable[..., "subprocess.Popen[str]"]
) -> None:
    crash = start(tmp_path, code=CRASH)
    output, errors = crash.communicate()
    assert crash.returncode == 0, errors
    assert min(map(int, output.split())) > 20  # so many different places of death
