"""The state of a run, folded from its events: a pure function that every screen shares."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.events import (
    Checkpointed,
    Evaluated,
    Event,
    Failed,
    Finished,
    Measured,
    Sampled,
    Started,
    Stepped,
    Stopped,
)


@dataclass
class History:
    """What is known of one run so far; curves are (step, value) pairs in order of steps."""

    run: str
    state: str = "queued"  # queued, running, finished, stopped, failed, interrupted
    seq: int = -1
    step: int = 0
    steps: int = 0
    seconds: float = 0.0
    learning_rate: float = 0.0
    counts: Mapping[str, float] = field(default_factory=dict)
    device: str = ""
    precision: str = ""
    losses: list[tuple[int, float]] = field(default_factory=list)
    gradient_norms: list[tuple[int, float]] = field(default_factory=list)
    evaluations: list[tuple[int, float]] = field(default_factory=list)
    untouched: float | None = None  # the base's own loss on its domain
    base_losses: list[tuple[int, float]] = field(default_factory=list)
    scores: list[tuple[int, Mapping[str, float]]] = field(default_factory=list)
    samples: list[tuple[int, tuple[Mapping[str, str], ...]]] = field(default_factory=list)
    movement: list[tuple[int, Mapping[str, float]]] = field(default_factory=list)
    tokens: int = 0
    step_seconds: float = 0.0
    peak_memory_bytes: int = 0
    checkpoint: str = ""
    artifact: str = ""
    words: str = ""  # that were learned
    error: str = ""
    hint: str = ""

    @property
    def tokens_per_second(self) -> float:
        """Training tokens a second, padding and evaluations left out."""
        return self.tokens / self.step_seconds if self.step_seconds else 0.0

    @property
    def forgetting(self) -> dict[str, float]:
        """Loss on the base's own domain in nats per token, of the base and of the run; empty where unmeasured."""
        if not self.base_losses:
            return {}
        before = self.base_losses[0][1] if self.untouched is None else self.untouched
        return {"before": before, "after": self.base_losses[-1][1]}

    @property
    def forgotten(self) -> float | None:
        """How much the loss on the base's own domain rose, in nats per token."""
        losses = self.forgetting
        return losses["after"] - losses["before"] if losses else None

    @property
    def final_scores(self) -> Mapping[str, float]:
        """The latest scores of the task."""
        return self.scores[-1][1] if self.scores else {}


def fold(events: Iterable[Event], history: History | None = None) -> History:
    """Take the events into the history (a fresh one when none is given) and return it.

    An event whose `seq` was seen already is passed over, so a reader may overlap.
    """
    for event in events:
        history = history or History(event.run)
        if event.seq > history.seq:
            _take(history, event)
    return history or History("")


def _take(history: History, event: Event) -> None:
    history.seq, history.step = event.seq, event.step
    history.seconds = max(history.seconds, event.seconds)
    match event:
        case Started():
            _start(history, event)
        case Stepped():
            history.losses.append((event.step, event.loss))
            history.gradient_norms.append((event.step, event.gradient_norm))
            history.tokens += event.tokens
            if event.tokens_per_second:
                history.step_seconds += event.tokens / event.tokens_per_second
        case Evaluated():
            _evaluate(history, event)
        case Sampled():
            history.samples.append((event.step, event.samples))
        case Measured():
            history.peak_memory_bytes = max(history.peak_memory_bytes, event.peak_memory_bytes)
            history.movement.append((event.step, event.movement))
        case Checkpointed():
            history.checkpoint = event.path
        case Finished():
            history.state, history.artifact, history.words = "finished", event.artifact, event.words
        case Stopped():
            history.state = "stopped"
        case Failed():
            history.state, history.error, history.hint = "failed", event.error, event.hint


def _start(history: History, event: Started) -> None:
    """Begin, or go on from a checkpoint: what was measured after it will be measured again."""
    history.state, history.error, history.hint = "running", "", ""
    history.steps, history.learning_rate = event.steps, event.learning_rate
    history.counts, history.device, history.precision = event.counts, event.device, event.precision
    history.untouched = event.base_loss
    curves: tuple[list[Any], ...] = (
        history.losses,
        history.gradient_norms,
        history.evaluations,
        history.base_losses,
        history.scores,
        history.samples,
        history.movement,
    )
    for curve in curves:
        curve[:] = [point for point in curve if event.resumed_from and point[0] <= event.resumed_from]


def _evaluate(history: History, event: Evaluated) -> None:
    history.evaluations.append((event.step, event.loss))
    if event.base_loss is not None:
        history.base_losses.append((event.step, event.base_loss))
    if event.scores:
        history.scores.append((event.step, event.scores))
