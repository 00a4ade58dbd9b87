"""What a run needs to go on as if it had never stopped, and who keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import torch

from workbench.errors import RunError
from workbench.methods.contract import Method, Tuned

if TYPE_CHECKING:
    from workbench.training.build import Run


@dataclass(frozen=True)
class State:
    """Tensors by name, and facts that JSON can carry: step, seq, seconds, and the largest memory so far.

    Tensors are `movable/<name>`, `optimizer/<name>/<moment>`, `memory/<name>`, `random/cpu` and `random/cuda`. They
    are the run's own, not copies: write or clone them before the run goes on.
    """

    tensors: Mapping[str, torch.Tensor]
    facts: Mapping[str, Any]


class Store(Protocol):
    """Keeps a run's checkpoints and what it learned.

    Every method raises StorageError where the disk is full or closed.
    """

    def save_checkpoint(self, step: int, state: State) -> str:
        """Keep the state, whole or not at all; returns its path in the run's folder."""

    def load_checkpoint(self) -> State | None:
        """The latest whole state; None for a run that begins."""

    def save_artifact(self, tuned: Tuned, method: Method) -> str:
        """Keep what was learned; returns its path in the run's folder."""


def capture(run: "Run") -> State:
    """The run's state between two steps."""
    tensors = {f"movable/{name}": parameter.detach() for name, parameter in run.tuned.movable.items()}
    for name, parameter in run.tuned.movable.items():
        moments = run.optimizer.state.get(parameter, {})
        tensors |= {f"optimizer/{name}/{key}": value for key, value in moments.items()}
    tensors |= {f"memory/{name}": tensor for name, tensor in run.tuned.memory.items()}
    tensors["random/cpu"] = run.randomness.state
    if run.randomness.cuda_state is not None:
        tensors["random/cuda"] = run.randomness.cuda_state
    facts = {
        "step": run.step,
        "seq": run.scribe.seq,
        "seconds": run.scribe.elapsed(),
        "peak_memory_bytes": run.memory.peak,
        "precision": run.bench.device.precision,
    }
    return State(tensors, facts)


def restore(run: "Run", state: State) -> None:
    """Put a captured state into a run that was built from the same spec.

    Raises:
        RunError: the state belongs to a run that was built otherwise.
    """
    wanted = {f"movable/{name}" for name in run.tuned.movable}
    held = {name for name in state.tensors if name.startswith("movable/")}
    if wanted != held:
        strange = sorted(wanted ^ held)[0].removeprefix("movable/")
        raise RunError(
            f"The checkpoint does not fit this run: they differ in the weight {strange}.", "Start the run anew."
        )
    with torch.no_grad():
        for name, parameter in run.tuned.movable.items():
            parameter.copy_(state.tensors[f"movable/{name}"])
            _restore_moments(run.optimizer, name, parameter, state)
    remembered = {name: tensor for name, tensor in state.tensors.items() if name.startswith("memory/")}
    place = run.bench.device.place
    run.tuned.memory |= {name.removeprefix("memory/"): kept.to(place).clone() for name, kept in remembered.items()}
    run.randomness.state = state.tensors["random/cpu"].cpu()
    if run.randomness.cuda_state is not None and "random/cuda" in state.tensors:
        run.randomness.cuda_state = state.tensors["random/cuda"].cpu()
    run.step = int(state.facts["step"])
    run.scribe.seq = max(run.scribe.seq, int(state.facts["seq"]))
    run.scribe.seconds = float(state.facts["seconds"])
    run.memory.peak = int(state.facts["peak_memory_bytes"])


def _restore_moments(optimizer: torch.optim.Optimizer, name: str, parameter: torch.nn.Parameter, state: State) -> None:
    prefix = f"optimizer/{name}/"
    moments = {key.removeprefix(prefix): value for key, value in state.tensors.items() if key.startswith(prefix)}
    if moments:
        optimizer.state[parameter] = {key: value.to(parameter.device).clone() for key, value in moments.items()}
