"""A run in one flat record: what the command line, the report and the app show of it."""

import math
from collections.abc import Mapping
from typing import Any

from workbench.errors import RunError, SpecError
from workbench.history import History, fold
from workbench.knobs import knobs, read_value
from workbench.methods import METHODS
from workbench.runs.folder import RunFolder
from workbench.runs.journal import Tail
from workbench.runs.liveness import is_alive
from workbench.spec import Choice, RunSpec


def read_history(folder: RunFolder) -> History:
    """The run's history, with the one thing no journal can tell: a going run whose worker died is `interrupted`.

    A journal that cannot be read gives the state `damaged` and says why in `error`, so that one bad
    folder does not hide the others.
    """
    alive = is_alive(folder.path)  # before the journal: a worker that ends in between has then written its last event
    try:
        history = fold(Tail(folder.journal).read(), History(folder.id))
    except RunError as error:
        return History(folder.id, state="damaged", error=error.message, hint=error.hint)
    if history.state == "running" and not alive:
        history.state = "interrupted"
        history.hint = f"Go on from its last checkpoint: workbench runs resume {folder.id}."
    elif history.state == "queued" and alive:
        history.state = "running"
    return history


def summarise(folder: RunFolder) -> dict[str, Any]:
    """The summary of a run folder."""
    return summary(folder.spec(), read_history(folder))


def summary(spec: RunSpec, history: History) -> dict[str, Any]:
    """What a run came to, as plain JSON data; None stands for what was not measured.

    Losses in the objective's unit, those on the base's own domain in nats per token. `samples` are those before
    training and the latest, each with its step.
    """
    return {
        "id": history.run,
        "method": spec.method.name,
        "knobs": _typed_knobs(spec.method),
        "state": history.state,
        "trainable": _count(history, "trainable"),
        "total": _count(history, "total"),
        "percent": _number(history.counts.get("percent")),
        "loss": {
            "train_final": _value(history.losses, -1),
            "eval_first": _value(history.evaluations, 0),
            "eval_final": _value(history.evaluations, -1),
        },
        "metric": {name: _number(score) for name, score in history.final_scores.items()},
        "forgetting": {name: _number(history.forgetting.get(name)) for name in ("before", "after")},
        "seconds": history.seconds,
        "tokens_per_second": history.tokens_per_second,
        "peak_memory_bytes": history.peak_memory_bytes,
        "samples": _samples(history),
    }


def _typed_knobs(method: Choice) -> dict[str, Any]:
    """The knobs as the method reads them (4, not "4"); as they stand where this version does not know them."""
    try:
        known = knobs(METHODS[method.name])
        return {name: read_value(known[name], value, name) for name, value in method.knobs.items()}
    except (SpecError, KeyError):
        return dict(method.knobs)


def _count(history: History, name: str) -> int | None:
    number = _number(history.counts.get(name))
    return None if number is None else int(number)


def _value(curve: list[tuple[int, float]], place: int) -> float | None:
    return _number(curve[place][1]) if curve else None


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _samples(history: History) -> list[Mapping[str, Any]]:
    ends = history.samples[:1] + history.samples[1:][-1:]
    return [{"step": step, **sample} for step, samples in ends for sample in samples]
