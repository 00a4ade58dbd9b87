"""Where a run computes, in which number format, with which random numbers, and what running out of memory says."""

import contextlib
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
        return torch.autocast(self.place.type, torch.bfloat16, enabled=self.precision == "bfloat16")

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


class Randomness:
    """The random numbers of one run (dropout), apart from those of the runs beside it on the same device."""

    def __init__(self, seed: int, place: torch.device) -> None:
        self.place = place
        self.state = torch.Generator().manual_seed(seed).get_state()
        self.cuda_state = torch.Generator(place).manual_seed(seed).get_state() if place.type == "cuda" else None

    @contextlib.contextmanager
    def lent(self) -> Iterator[None]:
        """Within, torch's global generators are this run's; afterwards they go on as if unused."""
        outside, self.state = torch.get_rng_state(), self._exchange(self.state)
        outside_cuda = None
        if self.cuda_state is not None:
            outside_cuda = torch.cuda.get_rng_state(self.place)
            torch.cuda.set_rng_state(self.cuda_state, self.place)
        try:
            yield
        finally:
            self.state = torch.get_rng_state()
            torch.set_rng_state(outside)
            if outside_cuda is not None:
                self.cuda_state = torch.cuda.get_rng_state(self.place)
                torch.cuda.set_rng_state(outside_cuda, self.place)

    @staticmethod
    def _exchange(state: torch.Tensor) -> torch.Tensor:
        torch.set_rng_state(state)
        return state


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
