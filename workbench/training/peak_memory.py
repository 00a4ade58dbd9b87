"""The memory that one run takes at most, measured while it trains."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import nn

from workbench.training.batches import Batch


def bytes_of(tensors: Iterable[torch.Tensor]) -> int:
    """Bytes that these tensors hold, memory that several share counted once."""
    storages = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors}
    return sum(storages.values())


@dataclass
class Ledger:
    """Bytes that a step holds beside weights and optimizer, and the most it held at once."""

    gradients: int = 0
    peak: int = 0
    saved: int = 0
    times: dict[int, int] = field(default_factory=dict)  # that something in one place of memory is kept

    def save(self, storage: torch.UntypedStorage) -> None:
        """Something is kept for the backward pass; what is kept twice takes its place once."""
        place = storage.data_ptr()
        self.saved += 0 if self.times.get(place) else storage.nbytes()
        self.times[place] = self.times.get(place, 0) + 1
        self.look()

    def drop(self, storage: torch.UntypedStorage) -> None:
        """It is needed no longer."""
        place = storage.data_ptr()
        self.times[place] -= 1
        self.saved -= 0 if self.times[place] else storage.nbytes()

    def look(self) -> None:
        """Take note of what is held now."""
        self.peak = max(self.peak, self.gradients + self.saved)


class _Kept:
    """A tensor that autograd keeps for the backward pass and lets go of during it."""

    def __init__(self, tensor: torch.Tensor, ledger: Ledger, weights: set[int]) -> None:
        self.tensor = tensor
        self.ledger = ledger
        parts = (tensor._indices(), tensor._values()) if tensor.is_sparse else (tensor,)
        storages = [part.untyped_storage() for part in parts]
        self.storages = [storage for storage in storages if storage.data_ptr() not in weights]
        for storage in self.storages:
            ledger.save(storage)

    def __del__(self) -> None:
        for storage in self.storages:
            self.ledger.drop(storage)


class PeakMemory:
    """The most bytes that one run needs at once, apart from the runs beside it.

    Weights of the whole model (frozen ones that a race shares count for each run) + optimizer + what a
    step adds. On a GPU the step's share is what the allocator hands out at most in the step. On a CPU,
    where no allocator tells, it is the most that gradients and what the forward pass saved for the backward
    pass hold at one moment; what is only on its way between two layers is not in it. Steps with larger
    batches than any before are measured, the others pass untouched.
    """

    def __init__(self, model: nn.Module, optimizer: torch.optim.Optimizer | None, place: torch.device) -> None:
        self.model = model
        self.optimizer = optimizer
        self.place = place
        self.largest = 0
        self.peak = bytes_of(self._weights())

    @contextmanager
    def watching(self, batches: Iterable[Batch], movable: Iterable[nn.Parameter]) -> Iterator[None]:
        """Measure the step inside, if it may need more than those before."""
        moving = [parameter for parameter in movable if parameter.requires_grad]
        size = max(batch.size for batch in batches) * sum(parameter.numel() for parameter in moving)
        if size <= self.largest:
            yield
            return
        self.largest = size
        ledger = Ledger()
        with self._watch_gpu(ledger) if self.place.type == "cuda" else self._watch_cpu(ledger, moving):
            yield
        held = bytes_of([*self._weights(), *self._optimizer_tensors()])
        self.peak = max(self.peak, held + ledger.peak)

    @contextmanager
    def _watch_gpu(self, ledger: Ledger) -> Iterator[None]:
        torch.cuda.reset_peak_memory_stats(self.place)
        before = torch.cuda.memory_allocated(self.place)
        moments = bytes_of(self._optimizer_tensors())
        yield
        # Moments that are born in the first step are counted with the optimizer.
        born = bytes_of(self._optimizer_tensors()) - moments
        ledger.peak = torch.cuda.max_memory_allocated(self.place) - before - born

    @contextmanager
    def _watch_cpu(self, ledger: Ledger, moving: Sequence[nn.Parameter]) -> Iterator[None]:
        weights = {tensor.untyped_storage().data_ptr() for tensor in self._weights()}

        def keep(tensor: torch.Tensor) -> _Kept:
            return _Kept(tensor, ledger, weights)

        def came(weight: nn.Parameter) -> None:
            ledger.gradients = bytes_of(each.grad for each in moving if each.grad is not None)
            ledger.look()

        hooks = [weight.register_post_accumulate_grad_hook(came) for weight in moving]
        try:
            with torch.autograd.graph.saved_tensors_hooks(keep, lambda kept: kept.tensor):
                yield
        finally:
            for hook in hooks:
                hook.remove()

    def _weights(self) -> Iterator[torch.Tensor]:
        for parameter in self.model.parameters():
            yield parameter
            if state := getattr(parameter, "quant_state", None):  # the scales of a weight in four bits
                yield from (part for part in (state.absmax, state.state2 and state.state2.absmax) if part is not None)
        yield from self.model.buffers()

    def _optimizer_tensors(self) -> list[torch.Tensor]:
        states = self.optimizer.state.values() if self.optimizer else []
        return [value for state in states for value in state.values() if isinstance(value, torch.Tensor)]
