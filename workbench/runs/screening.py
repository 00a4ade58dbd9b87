"""Whether a run folder from outside is what it says: its spec, every event of its journal, its files.

Nothing here trusts a type, a size or a path that the folder's maker wrote; other code may then do so.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from workbench.errors import RunError
from workbench.events import EVENTS
from workbench.runs.folder import ID, RACE, RunFolder

_LARGEST = 2**53  # whole numbers above it are not the same in JavaScript
_LONGEST_LINE = 1 << 20
_ARTIFACT = re.compile(r"(artifact)?")
_CHECKPOINT = re.compile(r"(checkpoints/step-\d{1,9})?")


def screen(folder: Path) -> str:
    """Check everything that a run is made of and return its id.

    Raises:
        RunError: something is missing or not as this program writes it; says what.
    """
    for name in ("spec.json", "about.json", "events.jsonl"):
        if not (folder / name).is_file():
            raise RunError(f"it holds no {name}.")
    identity = _screen_about(_read_json(folder / "about.json"))
    RunFolder(folder).spec()
    _screen_journal(folder / "events.jsonl", identity)
    for path in folder.rglob("*.safetensors"):
        _screen_tensors(path)
    for path in folder.rglob("adapter_config.json"):
        _screen_adapter(_read_json(path))
    return identity


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RunError(f"its {path.name} is no JSON ({error}).") from error


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON number")


def _screen_about(about: Any) -> str:
    is_whole = isinstance(about, dict) and set(about) == {"run", "race", "order", "created"}
    if not is_whole or not isinstance(about["run"], str) or not ID.fullmatch(about["run"]):
        raise RunError("its about.json does not say which run it is.")
    race, created = about["race"], about["created"]
    is_known_race = isinstance(race, str) and (race == about["run"] or RACE.fullmatch(race))
    is_dated = isinstance(created, str) and re.fullmatch(r"[0-9T:+.Z-]{0,40}", created)
    if not (is_known_race and is_dated and _is_count(about["order"])):
        raise RunError("its about.json names no race, place or time of a run.")
    return str(about["run"])


def _screen_journal(path: Path, identity: str) -> None:
    seq = -1
    with path.open("rb") as file:
        number = 0
        while line := file.readline(_LONGEST_LINE + 1):
            number += 1
            if not line.endswith(b"\n") and len(line) <= _LONGEST_LINE:
                break  # torn by a kill; readers pass over it
            record = _read_line(line, number)
            if record["run"] != identity:
                raise RunError(f"line {number} of its journal belongs to another run.")
            if record["seq"] <= seq:
                raise RunError(f"line {number} of its journal is out of order.")
            seq = record["seq"]


def _read_line(line: bytes, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line, parse_constant=_refuse_constant) if len(line) <= _LONGEST_LINE else None
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or not is_event(record):
        raise RunError(f"line {number} of its journal is no event.")
    return record


def is_event(record: Mapping[str, Any]) -> bool:
    """Whether the record has a known kind and every field the type that its event declares."""
    kind = EVENTS.get(record["event"]) if isinstance(record.get("event"), str) else None
    if kind is None or not {"run", "seq"} <= set(record):
        return False
    declared = {entry.name: entry for entry in fields(kind)}
    return all(
        _CHECKS[name](value) if name in _CHECKS else _fits(declared[name], value)
        for name, value in record.items()
        if name in declared
    )


def _fits(entry: "Field[Any]", value: Any) -> bool:
    """Compare with the field's default, whose type is the field's type."""
    default = entry.default_factory() if entry.default_factory is not MISSING else entry.default
    if isinstance(default, str):
        return isinstance(value, str)
    if isinstance(default, int):
        return _is_count(value)
    if isinstance(default, Mapping):
        return isinstance(value, dict) and all(_is_number(inner) for inner in value.values())
    return _is_number(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST


def _is_number(value: Any) -> bool:
    """A number, or null, which stands for NaN and for what was not measured."""
    if value is None or isinstance(value, float):
        return value is None or math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_samples(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(sample, dict) and all(isinstance(text, str) for text in sample.values()) for sample in value
    )


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "run": _is_text,
    "seq": _is_count,
    "seconds": lambda value: value is not None and _is_number(value) and value >= 0,
    "samples": _are_samples,
    "artifact": lambda value: isinstance(value, str) and bool(_ARTIFACT.fullmatch(value)),
    "path": lambda value: isinstance(value, str) and bool(_CHECKPOINT.fullmatch(value)),
}


def _screen_tensors(path: Path) -> None:
    """Look at the header alone: eight bytes of length, then JSON; a pickle under this name has none."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        is_sized = 2 <= length <= min(size - 8, 100 << 20)
        try:
            header = json.loads(file.read(length)) if is_sized else None
        except (ValueError, RecursionError):
            header = None
    if not isinstance(header, dict):
        raise RunError(f"its {path.name} holds no safetensors.")


def _screen_adapter(config: Any) -> None:
    """PEFT imports the module that `auto_mapping` names, so it must be one of transformers."""
    mapping = config.get("auto_mapping") if isinstance(config, dict) else None
    library = mapping.get("parent_library") if isinstance(mapping, dict) else None
    if not isinstance(config, dict) or not (
        library is None or re.fullmatch(r"transformers(\.[a-z0-9_]+)*", str(library))
    ):
        raise RunError(f"its adapter_config.json names a foreign library {str(library)[:60]!r}.")
