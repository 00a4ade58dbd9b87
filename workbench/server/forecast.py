"""What a whole race would take before it begins: memory, time, and a sentence where it will not fit."""

from collections.abc import Callable, Sequence
from typing import Any

import psutil

from workbench.errors import WorkbenchError
from workbench.menu.duration import LATEST, Pace, Past, corrected, race_seconds, seconds
from workbench.models.catalog import find_card
from workbench.spec import RunSpec
from workbench.store.index import Entry

TURN = "Take a smaller batch_size, more accumulation, a shorter max_length, fewer runs at once or a smaller model."
PAST = 10 * LATEST  # runs that are looked at for what they teach


def forecast(
    specs: Sequence[RunSpec],
    rows: Sequence[dict[str, Any]],
    pace: Pace | None,
    past: Sequence[Past],
    free_bytes: Callable[[], int] = lambda: int(psutil.virtual_memory().available),
) -> dict[str, Any]:
    """{memory_bytes, free_bytes, seconds, sentence} of a race of these runs, from `menu.estimate.estimated`'s rows.

    Frozen weights exist once for all runs. `seconds` is None until the machine's pace is known. `sentence` is empty
    where the race fits.
    """
    able = [(spec, row) for spec, row in zip(specs, rows, strict=True) if "error" not in row]
    weights = 4 * find_card(specs[0].model).parameters if able else 0
    own = sum(
        row["memory_bytes"]["total"] - row["memory_bytes"]["weights"] + row["own_weight_bytes"] for _, row in able
    )
    needed, free = weights + own, free_bytes()
    fits = needed <= free
    sentence = "" if fits else f"This race needs about {_gib(needed)} of memory, and {_gib(free)} are free. {TURN}"
    return {
        "memory_bytes": needed,
        "free_bytes": free,
        "seconds": _seconds(able, pace, past) if pace and able else None,
        "sentence": sentence,
    }


def _seconds(able: Sequence[tuple[RunSpec, dict[str, Any]]], pace: Pace, past: Sequence[Past]) -> float:
    runs = []
    for spec, row in able:
        expected = seconds(spec, find_card(spec.model), row["trainable"], pace)
        runs.append(corrected(spec.method.name, expected, past))
    return race_seconds(runs, pace, find_card(able[0][0].model).parameters)


def lessons(entries: Sequence[Entry], pace: Pace) -> list[Past]:
    """What finished runs teach, the newest first; those that this version cannot read teach nothing."""
    found = []
    for entry in entries[:PAST]:
        if entry.state != "finished" or not entry.summary.get("seconds"):
            continue
        try:
            spec = RunSpec.from_json(entry.spec)
            expected = seconds(spec, find_card(spec.model), entry.summary["trainable"] or 0, pace)
        except WorkbenchError:
            continue
        found.append(Past(spec.method.name, entry.summary["seconds"], expected))
    return found


def _gib(count: int) -> str:
    return f"{count / 1024**3:.1f} GiB"
