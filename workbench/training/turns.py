"""Who works when: the runs of a race take turns event by event, small models on several cores at once."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import torch

from workbench.events import Event, Failed, Finished, Stepped, Stopped
from workbench.training.device import Device

# A model below this gains little from a second core and much from a core of its own. Measured on two cores, pocket-gpt,
# batch 16: a second core makes one run 1.27 times as fast at best, and a second run beside it slows neither down.
LARGEST_ON_ONE_CORE = 50_000_000  # parameters


def workers(parameters: int, device: Device, runs: int) -> tuple[int, int]:
    """How many runs work at once, and the cores that each may use.

    The cores of a run do not depend on the runs beside it, so that its sums, and with them its curve, are the
    same to the last bit alone and in a race.
    """
    cores = torch.get_num_threads()
    if device.place.type == "cpu" and parameters < LARGEST_ON_ONE_CORE:
        return min(cores, runs), 1
    return 1, cores


def in_turn(lanes: Sequence[Iterator[Event]], workers: int, cores: int) -> Iterator[Event]:
    """Yield each run's events up to its next step, run after run, until all have ended.

    Every run already works on its next event while those before are read, but never further ahead.
    """
    before = torch.get_num_threads()
    with ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(cores,)) as pool:
        try:
            ahead = {lane: pool.submit(next, lane) for lane in lanes}
            while ahead:
                for lane in list(ahead):
                    yield from _turn(lane, ahead, pool)
        finally:
            pool.shutdown(cancel_futures=True)
            torch.set_num_threads(before)  # the workers changed what other new threads would start with


def _turn(
    lane: Iterator[Event], ahead: dict[Iterator[Event], "Future[Event]"], pool: ThreadPoolExecutor
) -> Iterator[Event]:
    """Yield the run's events up to its next step; a run that has ended leaves `ahead`."""
    while True:
        event = ahead[lane].result()
        if isinstance(event, (Finished, Stopped, Failed)):
            del ahead[lane]
            yield event
            return
        ahead[lane] = pool.submit(next, lane)
        yield event
        if isinstance(event, Stepped):
            return
