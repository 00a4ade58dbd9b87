"""What happens in a run, as it happens: the journal holds these, every reader folds them."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Event:
    """Something that happened in run `run` after `step` optimizer steps, `seconds` into its training.

    `seq` grows by one with every event of a run: every reader's cursor. Seconds count the run's own
    work, not the time in which other runs of the race had the device.
    """

    run: str
    seq: int
    step: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Started(Event):
    """The run is built and about to train; `counts` are trainable, added, total and percent."""

    steps: int = 0
    learning_rate: float = 0.0
    counts: Mapping[str, float] = field(default_factory=dict)
    device: str = "cpu"
    precision: str = "float32"
    resumed_from: int = 0  # step of the checkpoint this run goes on from
    base_loss: float | None = None  # of the untouched base on its own domain, in nats per token


@dataclass(frozen=True)
class Stepped(Event):
    """One optimizer step: mean loss in nats per target token or, of a head, per answer; norm of the gradient, rate."""

    loss: float = 0.0
    gradient_norm: float = 0.0
    learning_rate: float = 0.0
    tokens: int = 0  # of this step, padding left out
    tokens_per_second: float = 0.0


@dataclass(frozen=True)
class Evaluated(Event):
    """Held-out loss on the task, in the objective's unit, on the base's own domain per token, and the task's scores."""

    loss: float = 0.0
    base_loss: float | None = None
    scores: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Sampled(Event):
    """Texts that the model wrote for fixed prompts with fixed seeds: one {prompt, text, target} each."""

    samples: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Measured(Event):
    """Peak memory so far and how far each block moved: ||dW|| / ||W||, Frobenius norms."""

    peak_memory_bytes: int = 0
    movement: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Checkpointed(Event):
    """Everything needed to go on from here is on disk."""

    path: str = ""


@dataclass(frozen=True)
class Finished(Event):
    """The budget is spent; `artifact` is the folder of the tuned weights, relative to the run's folder.

    `words` are those that were learned, where a method learns words.
    """

    artifact: str = ""
    words: str = ""


@dataclass(frozen=True)
class Stopped(Event):
    """A person stopped the run."""


@dataclass(frozen=True)
class Failed(Event):
    """The run could not go on; one sentence, and what to try."""

    error: str = ""
    hint: str = ""


EVENTS: dict[str, type[Event]] = {
    kind.__name__.lower(): kind
    for kind in (Started, Stepped, Evaluated, Sampled, Measured, Checkpointed, Finished, Stopped, Failed)
}


def to_record(event: Event) -> dict[str, Any]:
    """The event as plain JSON data; a NaN or infinite number becomes null, which JSON can carry."""
    record: dict[str, Any] = {"event": type(event).__name__.lower(), **asdict(event)}
    return {key: _finite(value) for key, value in record.items()}


def from_record(record: Mapping[str, Any]) -> Event:
    """Read what `to_record` wrote; fields that a newer version added are left out."""
    kind = EVENTS[record["event"]]
    known = {entry.name for entry in fields(kind)}
    values = {name: value for name, value in record.items() if name in known}
    if kind is Sampled:
        values["samples"] = tuple(values.get("samples", ()))
    if kind is Stepped and values.get("loss") is None:
        values["loss"] = math.nan
    return kind(**values)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    return value
