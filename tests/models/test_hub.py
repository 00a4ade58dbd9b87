"""What is fetched from the hub is chosen and weighed before a byte of it comes; its failures are sentences."""

from types import SimpleNamespace
from typing import Any

import pytest

from workbench.errors import ModelError
from workbench.hub import is_hub_id
from workbench.models import hub

SMALL = {"config.json": 700, "tokenizer.json": 2_000_000, "tokenizer_config.json": 900}


def test_whole_weights_and_small_files_are_chosen_and_nothing_else() -> None:
    others = {"pytorch_model.bin": 9, "modeling_evil.py": 9, "onnx/model.onnx": 9, "README.md": 9}
    shards = {"model-00001-of-00002.safetensors": 9, "model.safetensors.index.json": 9}
    sizes = {**SMALL, **others, **shards, "model.safetensors": 500}
    assert hub.chosen_files(sizes, "a/b") == {**SMALL, "model.safetensors": 500}


def test_shards_are_chosen_with_their_index() -> None:
    shards = {f"model-0000{number}-of-00002.safetensors": 9 for number in (1, 2)}
    weights = {**shards, "model.safetensors.index.json": 9}
    assert hub.chosen_files({**SMALL, **weights, "consolidated.safetensors": 99}, "a/b") == {**SMALL, **weights}


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ({**SMALL, "pytorch_model.bin": 5}, "a/b has no weights as safetensors"),
        ({"config.json": 5, "model.safetensors": 5}, "a/b has no tokenizer.json"),
    ],
)
def test_a_repository_without_safe_files_is_refused(sizes: dict[str, int], sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        hub.chosen_files(sizes, "a/b")


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ({**SMALL, "model.safetensors": 10**12}, "only 1,000,000,000 are free on the disk"),
        ({**SMALL, "tokenizer.json": 10**8}, "far more than such a file needs"),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_fetched(sizes: dict[str, int], sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        hub.check_sizes("a/b", sizes, free_bytes=10**9)


def test_exactly_the_chosen_files_are_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    files = {**SMALL, "model.safetensors": 10, "evil.py": 10}
    siblings = [SimpleNamespace(rfilename=name, size=size) for name, size in files.items()]
    asked: dict[str, Any] = {}
    info = SimpleNamespace(sha="abc", siblings=siblings)
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda self, hub_id, **options: info)
    monkeypatch.setattr(
        "huggingface_hub.snapshot_download", lambda hub_id, **options: asked.update(options) or str(tmp_path)
    )
    assert hub.fetch("a/b", "hint") == tmp_path
    assert "revision" not in asked  # else the cache would not know the snapshot as the main one
    assert set(asked["allow_patterns"]) == {*SMALL, "model.safetensors"}


def test_a_hub_out_of_reach_is_one_sentence_with_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: Any, **__: Any) -> None:
        raise ConnectionError("Name or service not known\nand much more")

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", unreachable)
    for attempt in (hub.fetch, hub.config_folder):
        with pytest.raises(ModelError) as caught:
            attempt("nobody/nothing", "Bundled models work.")
        expected = "nobody/nothing is not on this machine, and the model hub cannot be reached. Bundled models work."
        assert str(caught.value) == expected


def test_a_fault_of_the_client_is_not_called_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ValueError("odd answer\nand much more")

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", fail)
    with pytest.raises(ModelError, match=r"cannot be fetched \(odd answer\)"):
        hub.fetch("nobody/nothing", "")


def test_a_repository_without_a_config_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    info = SimpleNamespace(siblings=[SimpleNamespace(rfilename="README.md", size=1)])
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", lambda self, hub_id, **options: info)
    with pytest.raises(ModelError, match="has no config.json on the hub"):
        hub.config_folder("nobody/nothing", "")


@pytest.mark.parametrize(
    ("text", "is_id"),
    [("a/b", True), ("EleutherAI/pythia-70m", True), ("a", False), ("a/b/c", False), ("../b", False), ("a/..", False)],
)
def test_a_hub_id_is_owner_and_name(text: str, is_id: bool) -> None:
    assert is_hub_id(text) == is_id
