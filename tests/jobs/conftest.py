"""A desk with the real warm parent, started once, and a race that is long enough to be killed half-way."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import psutil
import pytest

from workbench.runs.folder import RunFolder
from workbench.runs.summary import read_history
from workbench.server.desk import LOCAL, Desk
from workbench.spec import Budget, Choice, RunSpec


def wait_until(condition: Callable[[], Any], seconds: float = 120.0) -> Any:
    """Wait for something that is going to happen, and return it."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.02)
    return found


@dataclass
class Races:
    """Races of a base that does not train and a LoRA, at one desk."""

    desk: Desk
    tiny: ClassVar = Budget(steps=2, evaluation_examples=2, metric_examples=0)
    long: ClassVar = Budget(
        steps=80,
        batch_size=2,
        examples=16,
        evaluation_examples=2,
        metric_examples=0,
        max_length=48,
        evaluate_every=40,
        sample_every=40,
        checkpoint_every=5,
    )
    halfway: ClassVar = 7  # steps: a checkpoint lies behind, and most of the work before

    def submit(self, budget: Budget) -> str:
        specs = [RunSpec(method=Choice(method), budget=budget) for method in ("none", "lora")]
        return self.desk.submit(specs, LOCAL)

    def finish(self, race: str) -> list[str]:
        """Wait until the race has ended; returns the states of its runs."""
        wait_until(lambda: not any(entry.is_active for entry in self.desk.index.entries(race)))
        wait_until(lambda: self.desk.dispatcher.going != race)
        return self.states(race)

    def states(self, race: str) -> list[str]:
        return [entry.state for entry in self.desk.index.entries(race)]

    def reach_halfway(self, race: str) -> int:
        """Wait until the LoRA is well under way; returns the worker's process."""
        wait_until(lambda: self.desk.index.entries(race)[1].step >= self.halfway)
        (job,) = self.desk.executor.jobs.values()
        return job.process

    def lora(self, race: str) -> RunFolder:
        return self.desk.folder(self.desk.index.entries(race)[1].run, LOCAL)

    def go_on(self, race: str) -> list[str]:
        """Go on with the LoRA to its end; returns the states of the race's runs."""
        self.desk.go_on([self.lora(race).id], LOCAL)
        return self.finish(race)

    def curve(self, race: str) -> tuple[Any, ...]:
        """What the LoRA measured: the losses of all steps, and the evaluations."""
        history = read_history(self.lora(race))
        return history.losses, history.evaluations, history.base_losses


@pytest.fixture
def until() -> Callable[..., Any]:
    return wait_until


@pytest.fixture
def is_gone() -> Callable[[int], bool]:
    """Tells whether a process has ended; one that nobody buried yet has."""

    def ask(process: int) -> bool:
        try:
            return psutil.Process(process).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    return ask


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def races_at() -> type[Races]:
    return Races


@pytest.fixture(scope="session")
def races(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Races]:
    """The races of one server, without its web application, for all tests of this folder."""
    desk = Desk(tmp_path_factory.mktemp("jobs") / "home")
    desk.open()
    yield Races(desk)
    desk.close()


@pytest.fixture(scope="session")
def unbroken(races: Races) -> str:
    """The long race, run to its end without a fault."""
    race = races.submit(races.long)
    assert races.finish(race) == ["finished", "finished"]
    return race
