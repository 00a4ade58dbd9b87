"""A knob is a setting a person may turn: written once, read by forms, help, validation and tests."""

import dataclasses
import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from workbench.errors import SpecError

Settings = TypeVar("Settings")


@dataclass(frozen=True)
class Knob:
    """One setting: its name, type, default, one-line help and what values it takes."""

    name: str
    type: type
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    several: bool = False  # values from `choices` joined by "+"

    def allowed(self) -> str:
        """Say in words which values this knob takes."""
        if self.choices:
            listed = ", ".join(self.choices)
            return f"one or more of {listed}, joined by +" if self.several else f"one of {listed}"
        if self.type is bool:
            return "true or false"
        word = {int: "a whole number", float: "a number", str: "a text"}[self.type]
        pattern = ",.0f" if self.type is int else "g"
        limits = [f"{self.low:{pattern}} or more"] if self.low is not None else []
        limits += [f"{self.high:{pattern}} or less"] if self.high is not None else []
        return " ".join([word, " and ".join(limits)]).strip()


def knob(
    default: Any,
    help: str,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    several: bool = False,
) -> Any:
    """Declare a dataclass field as a knob."""
    facts = {"help": help, "low": low, "high": high, "choices": choices, "several": several}
    return dataclasses.field(default=default, metadata={"knob": facts})


def knobs(settings: type) -> dict[str, Knob]:
    """The knobs of a dataclass by name; the default's type is the knob's type."""
    return {
        field.name: Knob(field.name, type(field.default), field.default, **field.metadata["knob"])
        for field in dataclasses.fields(settings)
        if "knob" in field.metadata
    }


def configure(settings: type[Settings], values: Mapping[str, object], owner: str) -> Settings:
    """Build the dataclass from checked values; texts such as "4" or "true" are read as the knob's type.

    Raises:
        SpecError: an unknown knob, a value of the wrong type, or one out of range.
    """
    known = knobs(settings)
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            allowed = "one of " + ", ".join(known) if known else "no knob at all"
            raise SpecError(f"a knob of {owner}", name, allowed, f"Did you mean {near[0]}?" if near else "")
    read = {name: read_value(known[name], value, f"{owner}:{name}") for name, value in values.items()}
    return settings(**read)


def read_value(knob: Knob, value: object, field: str) -> Any:
    """Read one value as the knob's type and check it against the knob's limits."""
    parsed = _parse(knob, value)
    if parsed is None or not _is_within(knob, parsed):
        raise SpecError(field, value, knob.allowed())
    return parsed


def _parse(knob: Knob, value: object) -> Any:
    if knob.type is bool:
        return {"true": True, "false": False, "yes": True, "no": False}.get(str(value).lower())
    if isinstance(value, bool) or value is None:
        return None
    try:
        return knob.type(value)
    except (TypeError, ValueError):
        return None


def _is_within(knob: Knob, value: Any) -> bool:
    if knob.choices:
        chosen = value.split("+") if knob.several else [value]
        return all(choice in knob.choices for choice in chosen)
    if isinstance(value, float) and not math.isfinite(value):
        return False
    if knob.low is not None and value < knob.low:
        return False
    return knob.high is None or bool(value <= knob.high)
