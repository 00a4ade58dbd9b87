"""Where a run computes, in which number format, with which random numbers, and what running out of memory says."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from workbench.errors import MemoryShortageError, WorkbenchError

# Below this many parameters the casts cost a CPU more than bfloat16 saves. Measured on an EPYC with AVX512-BF16, one
# thread, batch 16 x 50 tokens, milliseconds a step in float32 and bfloat16: see docs/measurements in the report.
LEAST_PARAMETERS_FOR_BFLOAT16 = 1_000_000


@dataclass(frozen=True)
class Device:
    """A place to compute, `cpu` or `cuda`, and the format of its forward passes; weights stay in float32."""

    place: torch.device
    precision: str = "float32"

    def autocast(self) -> torch.autocast:
        """A context in which matrix products are computed in the device's number format."""
        # Casts are not kept: runs in other threads would empty that store, which is one for all, at any moment.
        enabled = self.precision == "bfloat16"
        return torch.autocast(self.place.type, torch.bfloat16, enabled=enabled, cache_enabled=False)

    def wait(self) -> None:
        """Return when the device has done all that it was asked to."""
        if self.place.type == "cuda":
            torch.cuda.synchronize(self.place)


def choose_device(wanted: str, parameters: int) -> Device:
    """The GPU where there is one; `wanted` is auto, float32 or bfloat16, auto takes what gains speed.

    Args:
        parameters: of the base model; small models gain nothing from bfloat16 on a CPU.
    """
    place = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if wanted != "auto":
        return Device(place, wanted)
    if place.type == "cuda":
        gains = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        gains = cpu_multiplies_bfloat16() and parameters >= LEAST_PARAMETERS_FOR_BFLOAT16
    return Device(place, "bfloat16" if gains else "float32")


def cpu_multiplies_bfloat16() -> bool:
    """Whether this CPU has instructions for bfloat16 products (AVX512-BF16 or AMX); without them it is slower."""
    names = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")  # torch has no public name for these
    return any(getattr(torch.cpu, name, bool)() for name in names)


# torch's global random numbers exist once for all threads: one run at a time may have them.
_GLOBAL_RANDOMNESS = threading.Lock()


class Randomness:
    """The random numbers of one run (dropout), apart from those of the runs beside it on the same device.

    `are_used` is unknown (None) until a step has shown whether it draws any.
    """

    def __init__(self, seed: int, place: torch.device) -> None:
        self.place = place
        self.state = torch.Generator().manual_seed(seed).get_state()
        self.cuda_state = torch.Generator(place).manual_seed(seed).get_state() if place.type == "cuda" else None
        self.are_used: bool | None = None

    @contextlib.contextmanager
    def lent(self) -> Iterator[None]:
        """Within, torch's global generators are this run's alone; afterwards they go on as if unused."""
        with _GLOBAL_RANDOMNESS:
            outside = _exchange(self.state, self.cuda_state, self.place)
            try:
                yield
            finally:
                self.state, self.cuda_state = _exchange(*outside, self.place)

    @contextlib.contextmanager
    def for_a_step(self) -> Iterator[None]:
        """As `lent`, but a run whose first step drew nothing does not keep the others waiting in later ones."""
        if self.are_used is False:
            yield
            return
        before, cuda_before = self.state, self.cuda_state
        with self.lent():
            yield
        same = torch.equal(before, self.state)
        if cuda_before is not None and self.cuda_state is not None:
            same = same and torch.equal(cuda_before, self.cuda_state)
        self.are_used = not same


def _exchange(
    state: torch.Tensor, cuda_state: torch.Tensor | None, place: torch.device
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Put these states into torch's global generators and return those that were there."""
    outside, outside_cuda = torch.get_rng_state(), None
    torch.set_rng_state(state)
    if cuda_state is not None:
        outside_cuda = torch.cuda.get_rng_state(place)
        torch.cuda.set_rng_state(cuda_state, place)
    return outside, outside_cuda


def memory_shortage(error: BaseException, place: torch.device) -> WorkbenchError | None:
    """The sentence for an error that means too little memory; None for any other error."""
    starved = isinstance(error, (torch.OutOfMemoryError, MemoryError)) or (
        isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error)
    )
    if not starved:
        return None
    if place.type == "cuda":
        torch.cuda.empty_cache()
    device = "GPU" if place.type == "cuda" else "computer"
    return MemoryShortageError(
        f"The {device} has too little memory for this run.",
        "Try a smaller batch_size, more accumulation, a shorter max_length or a smaller model.",
    )
