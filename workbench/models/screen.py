"""Look at a model's folder before any library opens it: nothing outside it, nothing that runs, nothing too large."""

import json
import re
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from workbench.card import ModelCard
from workbench.errors import ModelError
from workbench.models import FAMILIES

LARGEST_CONFIG = 1_000_000  # bytes
LARGEST_TOKENIZER = 64_000_000
LARGEST_INDEX = 64_000_000
LARGEST_HEADER = 100_000_000  # as in the safetensors format itself
BYTES = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1,
    "U64": 8, "U32": 4, "U16": 2,
}  # fmt: skip
# Fields of config.json that make a library fetch code, other weights or other number formats.
UNSAFE_FIELDS = ("auto_map", "transformers_weights", "quantization_config", "custom_pipelines", "peft_config")
PICKLED = (".bin", ".pt", ".pth", ".pkl", ".ckpt")


@dataclass(frozen=True)
class Weights:
    """The safetensors files of a folder and how many numbers they hold."""

    files: tuple[Path, ...]
    numbers: int
    stored_bytes: int


def read_config(folder: Path, name: str) -> dict[str, Any]:
    """The content of the folder's config.json, screened.

    Raises:
        ModelError: missing, not JSON, too large, or it points at something outside.
    """
    config = _read_json(folder, "config.json", LARGEST_CONFIG, name)
    for field in UNSAFE_FIELDS:
        if config.get(field):
            raise ModelError(f"{name}: config.json has {field}, which would load something else than this folder.")
    return config


def card_of(config: dict[str, Any], name: str) -> ModelCard:
    """The card of a config, made by the family that serves its model type.

    Raises:
        ModelError: no family serves it, or its numbers make no sense.
    """
    model_type = config.get("model_type")
    for family in FAMILIES.values():
        if model_type in family.model_types:
            return family().card(config, name)
    served = ", ".join(kind for family in FAMILIES.values() for kind in family.model_types)
    raise ModelError(f"{name}: model_type in config.json is {model_type!r}, but served are {served}.")


def screen_folder(folder: Path, name: str) -> Weights:
    """Check everything that loading will read, config apart, and say how large the weights are.

    Raises:
        ModelError: something is missing, damaged, leaves the folder or could run code.
    """
    if (folder / "adapter_config.json").exists():
        raise ModelError(f"{name} holds an adapter (adapter_config.json), but a base model is needed.")
    if (folder / "generation_config.json").exists():
        _read_json(folder, "generation_config.json", LARGEST_CONFIG, name)
    for entry in folder.iterdir():
        if entry.is_symlink() and entry.is_file():
            inside(folder, entry.name, name)
    _screen_tokenizer(folder, name)
    headers = [_read_header(inside(folder, file, name), name) for file in _weight_files(folder, name)]
    return Weights(
        tuple(header.file for header in headers),
        sum(header.numbers for header in headers),
        sum(header.file.stat().st_size for header in headers),
    )


def inside(folder: Path, file: str, name: str) -> Path:
    """The path of a file that has to lie in this folder, or in the blobs of the hub's cache that it is part of.

    Raises:
        ModelError: the name is not a plain one, the file is missing, or a link leads elsewhere.
    """
    if not file or file in (".", "..") or re.search(r"[/\\:\0]", file):
        raise ModelError(
            f"{name}: {file!r} is not a plain file name, and files outside the model's folder are not read."
        )
    path = folder / file
    if not path.is_file():
        raise ModelError(f"{name} has no file {file} in {folder}.")
    home, target = folder.resolve(), path.resolve()
    allowed = [home]
    if home.parent.name == "snapshots":  # of the hub's cache, whose files are links to ../../blobs
        allowed.append(home.parent.parent / "blobs")
    if target.parent not in allowed:
        raise ModelError(f"{name}: {file} is a link that leads out of the model's folder, which is not followed.")
    return path


def check_memory(name: str, numbers: int, bytes_per_number: int, available_bytes: int) -> None:
    """Refuse what cannot fit into memory.

    Raises:
        ModelError: the weights alone need more than is available.
    """
    needed = numbers * bytes_per_number
    if needed > available_bytes:
        have = f"{available_bytes / 1e9:.1f} GB are available"
        raise ModelError(f"{name} takes {needed / 1e9:.1f} GB of memory, but {have}.", "A smaller model fits.")


def _weight_files(folder: Path, name: str) -> list[str]:
    """Names of the safetensors files: one, or those that the index names."""
    if (folder / "model.safetensors").exists():
        return ["model.safetensors"]
    if not (folder / "model.safetensors.index.json").exists():
        pickled = any(file.suffix in PICKLED for file in folder.iterdir())
        reason = "pickled weights only, which can run code" if pickled else "no model.safetensors"
        raise ModelError(f"{name} has {reason}.", "Save it with save_pretrained to get safetensors." if pickled else "")
    index = _read_json(folder, "model.safetensors.index.json", LARGEST_INDEX, name)
    weight_map = index.get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise ModelError(f"{name}: model.safetensors.index.json has no weight_map.")
    files = {str(file) for file in weight_map.values()}
    for file in sorted(files):
        if not file.endswith(".safetensors"):
            raise ModelError(f"{name}: the index names {file!r}, which is not a safetensors file.")
    return sorted(files)


@dataclass(frozen=True)
class _Header:
    file: Path
    numbers: int


def _read_header(file: Path, name: str) -> _Header:
    """Read a safetensors header and hold it against the file: 8 bytes length, JSON, then the numbers."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        start = stream.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(LARGEST_HEADER, size - 8):
            raise ModelError(f"{name}: {file.name} is not a whole safetensors file.", "Copy or fetch it again.")
        try:
            header = json.loads(stream.read(length))
            tensors = {key: value for key, value in header.items() if key != "__metadata__"}
            ends = [_end(value) for value in tensors.values()]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ModelError(f"{name}: the header of {file.name} is damaged.", "Copy or fetch it again.") from error
    if 8 + length + max(ends, default=0) != size:
        raise ModelError(
            f"{name}: {file.name} has {size:,} bytes, which is not what its header says.", "Fetch it again."
        )
    return _Header(file, sum(prod(value["shape"]) for value in tensors.values()))


def _end(tensor: dict[str, Any]) -> int:
    """Where a tensor's bytes end, counted from the header; its shape has to fill them exactly."""
    begin, end = tensor["data_offsets"]
    whole = all(type(number) is int and number >= 0 for number in (begin, end, *tensor["shape"]))
    if not whole or end - begin != prod(tensor["shape"]) * BYTES[tensor["dtype"]]:
        raise ValueError("a tensor's shape and bytes disagree")
    return int(end)


def _screen_tokenizer(folder: Path, name: str) -> None:
    file = inside(folder, "tokenizer.json", name)
    if file.stat().st_size > LARGEST_TOKENIZER:
        raise ModelError(f"{name}: tokenizer.json has {file.stat().st_size:,} bytes, far more than one needs.")
    for extra in ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"):
        if not (folder / extra).exists():
            continue
        settings = _read_json(folder, extra, LARGEST_TOKENIZER, name)
        if settings.get("auto_map"):
            raise ModelError(f"{name}: {extra} has auto_map, which would run code from the model's folder.")
        kind = settings.get("tokenizer_class") or "PreTrainedTokenizerFast"
        if not re.fullmatch(
            r"[A-Za-z0-9]{1,60}(Tokenizer|TokenizerFast|TokenizersBackend)|TokenizersBackend", str(kind)
        ):
            raise ModelError(f"{name}: tokenizer_class in {extra} is {kind!r}, which is not one of transformers' own.")


def _read_json(folder: Path, file: str, largest: int, name: str) -> dict[str, Any]:
    path = inside(folder, file, name)
    if path.stat().st_size > largest:
        raise ModelError(f"{name}: {file} has {path.stat().st_size:,} bytes, but at most {largest:,} are read.")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{name}: {file} is not valid JSON.") from error
    if not isinstance(content, dict):
        raise ModelError(f"{name}: {file} has to hold a JSON object.")
    return content
