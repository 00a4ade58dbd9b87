"""Who works when: the runs of a race take turns event by event, small models on several cores at once."""

import math
import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

import torch

from workbench.card import LARGEST_ON_ONE_CORE
from workbench.events import Event, Failed, Finished, Stepped, Stopped
from workbench.training.device import Device


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
    crew = Crew(workers, cores)
    try:
        ahead = {lane: crew.take(lane, (0, place)) for place, lane in enumerate(lanes)}
        turn = 0
        while ahead:
            turn += 1
            for place, lane in enumerate(lanes):
                if lane in ahead:
                    yield from _turn(lane, ahead, crew, (turn, place))
    finally:
        crew.go()


def _turn(
    lane: Iterator[Event], ahead: dict[Iterator[Event], "Future[Event]"], crew: "Crew", rank: tuple[int, int]
) -> Iterator[Event]:
    """Yield the run's events up to its next step; a run that has ended leaves `ahead`."""
    turn, place = rank
    while True:
        event = ahead[lane].result()
        if isinstance(event, (Finished, Stopped, Failed)):
            del ahead[lane]
            yield event
            return
        is_step = isinstance(event, Stepped)
        ahead[lane] = crew.take(lane, (turn, place) if is_step else (turn - 1, place))
        yield event
        if is_step:
            return


class Crew:
    """Threads that take events from lanes; of those that wait the one whose event is read first goes first."""

    def __init__(self, workers: int, cores: int) -> None:
        self.before = torch.get_num_threads()
        self.waiting: queue.PriorityQueue[tuple[tuple[float, int], Iterator[Event] | None, Future[Event] | None]]
        self.waiting = queue.PriorityQueue()
        self.threads = [threading.Thread(target=self._work, args=(cores,), daemon=True) for _ in range(workers)]
        for thread in self.threads:
            thread.start()

    def take(self, lane: Iterator[Event], rank: tuple[int, int]) -> "Future[Event]":
        """Have the lane's next event made; no two of one rank may wait."""
        future: Future[Event] = Future()
        self.waiting.put((rank, lane, future))
        return future

    def go(self) -> None:
        """End the threads once they have done what they are at; what waits is left."""
        for place, _ in enumerate(self.threads):
            self.waiting.put(((-math.inf, place), None, None))
        for thread in self.threads:
            thread.join()
        torch.set_num_threads(self.before)  # the threads changed what other new ones would start with

    def _work(self, cores: int) -> None:
        torch.set_num_threads(cores)
        while True:
            _, lane, future = self.waiting.get()
            if lane is None or future is None:
                return
            try:
                future.set_result(next(lane))
            except BaseException as error:
                future.set_exception(error)
