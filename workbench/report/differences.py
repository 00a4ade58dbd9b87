"""Where specs differ, and where they agree in all but the seed."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.spec import RunSpec

Fields = dict[str, str]


def flat(spec: RunSpec) -> Fields:
    """A spec's fields by dotted name, as text."""
    return _flat(spec.to_json())


def differences(specs: Sequence[RunSpec]) -> tuple[list[str], list[list[str]]]:
    """The fields in which specs differ: their names in words, and a row of values for each spec."""
    fields = [flat(spec) for spec in specs]
    names = dict.fromkeys(name for values in fields for name in values)
    differing = [name for name in names if len({values.get(name, "") for values in fields}) > 1]
    return [_words(name) for name in differing], [[values.get(name, "") for name in differing] for values in fields]


def is_one_race(specs: Sequence[RunSpec]) -> bool:
    """Whether the specs could be one race: they differ in nothing but the method."""
    return (
        len({tuple((name, value) for name, value in flat(spec).items() if not _is_method(name)) for spec in specs}) < 2
    )


def _is_method(name: str) -> bool:
    return name.startswith("method.")


def _flat(values: Mapping[str, Any], before: str = "") -> Fields:
    fields: Fields = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            fields |= _flat(value, f"{before}{name}.")
        else:
            fields[f"{before}{name}"] = str(value)
    return fields


def _words(name: str) -> str:
    """`method.knobs.rank` as a reader says it: method rank."""
    words = [word for word in name.split(".") if word not in ("name", "knobs", "budget")]
    return " ".join(words).replace("_", " ")
