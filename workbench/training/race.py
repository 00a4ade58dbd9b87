"""Train one run, or race several on one device: step by step, on the very same batches."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from workbench.errors import SpecError, WorkbenchError
from workbench.events import Event, Failed
from workbench.models.load import Base, load_base
from workbench.spec import RunSpec
from workbench.training.bench import Bench, set_up
from workbench.training.build import Scribe, build_run
from workbench.training.check import Checked, check_race
from workbench.training.device import memory_shortage
from workbench.training.loop import run_loop
from workbench.training.state import Store, restore
from workbench.training.turns import in_turn, workers

log = logging.getLogger(__name__)


def train(
    spec: RunSpec,
    run: str = "run",
    store: Store | None = None,
    should_stop: Callable[[str], bool] | None = None,
    base: Base | None = None,
    first_seq: int = 0,
) -> Iterator[Event]:
    """Train one run; a race of one, see `race`.

    `store` keeps checkpoints and the result (None: nothing is kept) and holds the state to go on from.
    `first_seq` is the number of the first event, one more than the last that a journal already holds.
    """
    return race([spec], [run], [store], should_stop, base, [first_seq])


def race(
    specs: Sequence[RunSpec],
    runs: Sequence[str] | None = None,
    stores: Sequence[Store | None] | None = None,
    should_stop: Callable[[str], bool] | None = None,
    base: Base | None = None,
    first_seqs: Sequence[int] | None = None,
    base_texts: Sequence[str] = (),
    like: Bench | None = None,
) -> Iterator[Event]:
    """Train several methods side by side and yield what happens, one optimizer step of each run in turn.

    What cannot work is said before anything starts: the specs are checked, the base loaded and the data
    read in this call; runs are built and trained as the events are taken. A run that fails gives a
    `Failed` event and the others go on. KeyboardInterrupt is the caller's. Small models train in several
    threads, where `should_stop` and the stores are called too; the order of events does not depend on it.

    Args:
        specs: they may differ in method and learning rate only.
        runs: a name for each; without them 1-none, 2-full, ...
        stores: one for each run; None keeps nothing.
        should_stop: asked with the run's name after each step; true ends the run with a checkpoint.
        base: a base that is in memory already; without it the specs' model is loaded.
        first_seqs: for each run the number of its first event, 0 where it begins.
        base_texts: texts of the base's own domain, to measure forgetting on.
        like: a bench of the same base; what was found out there need not be again.

    Raises:
        WorkbenchError: a spec, the model or the data does not do.
    """
    checked = check_race(specs, base.card if base else None)
    names = list(runs or (f"{place}-{spec.method.name}" for place, spec in enumerate(specs, 1)))
    if len(set(names)) != len(specs):
        raise SpecError("names of the runs", ", ".join(names), f"{len(specs)} different ones")
    bench = set_up(checked[0], base or load_base(specs[0].model), base_texts, like)
    stores, first_seqs = stores or [None] * len(specs), first_seqs or [0] * len(specs)
    lanes = [
        Lane(part, bench, Scribe(name, first - 1), store, should_stop or (lambda run: False))
        for part, name, first, store in zip(checked, names, first_seqs, stores, strict=True)
    ]
    at_once, cores = workers(bench.base.card.parameters, bench.device, len(lanes))
    return in_turn([lane.events() for lane in lanes], at_once, cores)


@dataclass
class Lane:
    """One run's place in a race: its parts, and where its failure ends."""

    checked: Checked
    bench: Bench
    scribe: Scribe
    store: Store | None
    should_stop: Callable[[str], bool]

    def events(self) -> Iterator[Event]:
        """Yield the run's events; the time in which it does not have the device is not counted."""
        happening = self._run()
        while True:
            self.scribe.resume()
            try:
                event = next(happening)
            except StopIteration:
                return
            except Exception as error:
                event = self._failure(error)
            self.scribe.pause()
            yield event

    def _run(self) -> Iterator[Event]:
        run = build_run(self.checked, self.bench, self.scribe)
        state = self.store.load_checkpoint() if self.store else None
        if state:
            restore(run, state)
        yield from run_loop(run, self.store, lambda: self.should_stop(self.scribe.run))

    def _failure(self, error: Exception) -> Failed:
        """One sentence for what went wrong; what nobody expected goes to the log as well."""
        known = error if isinstance(error, WorkbenchError) else memory_shortage(error, self.bench.device.place)
        if known is None:
            log.error("Run %s failed unexpectedly.", self.scribe.run, exc_info=error)
            kind = type(error).__name__
            known = WorkbenchError(f"Something unexpected went wrong ({kind}: {error}).", "Its details are in the log.")
        return self.scribe.event(Failed, self.scribe.step, error=known.message, hint=known.hint)
