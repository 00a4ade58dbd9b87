"""What the warm parent holds ready, so that a forked worker begins at once: bundled models and their benches."""

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

from workbench.events import Event
from workbench.methods import METHODS
from workbench.models.catalog import bundled_names
from workbench.spec import Choice, RunSpec
from workbench.tasks import TASKS

if TYPE_CHECKING:
    from workbench.models.load import Base
    from workbench.training.bench import Bench
    from workbench.training.state import Store

MADE_HERE = tuple(name for name in TASKS if name != "own_file")


class Warmth:
    """Bases by name, and one bench for each task of the first bundled model; in a worker its own copy."""

    def __init__(self, models: Sequence[str] = (), tasks: Sequence[str] = ()) -> None:
        """`models`, and `tasks` of the first of them, are made ready ahead; those of this package if none are named."""
        self.bases: dict[str, Base] = {}
        self.benches: list[Bench] = []
        self.pace: dict[str, Any] = {}  # what `menu.duration.Pace` is made of; empty until it was measured
        models = models or bundled_names()
        self._ahead: list[Callable[[], None]] = [lambda name=name: self._hold(name) for name in models]  # type: ignore[misc]
        self._ahead[1:1] = [lambda task=task: self._set_up(models[0], task) for task in tasks or MADE_HERE]  # type: ignore[misc]
        self._ahead.append(self._rehearse)

    @property
    def has_more(self) -> bool:
        """Whether something can be made ready ahead of its use."""
        return bool(self._ahead)

    def warm_one(self) -> None:
        """Make the next thing ready."""
        self._ahead.pop(0)()

    def base(self, model: str) -> "Base":
        """The base model, from memory where it is held.

        Raises:
            ModelError: it cannot be loaded.
        """
        from workbench.models.load import load_base

        return self.bases.get(model) or load_base(model)

    def race(
        self,
        specs: Sequence[RunSpec],
        runs: Sequence[str],
        stores: "Sequence[Store]",
        should_stop: Callable[[str], bool],
    ) -> Iterator[Event]:
        """`workbench.training.race.race` on what is held ready."""
        from workbench.training.race import race

        like = next((bench for bench in self.benches if str(specs[0].task) == bench.task.name), None)
        return race(specs, runs, stores, should_stop, base=self.base(specs[0].model), like=like)

    def _hold(self, model: str) -> None:
        self.bases[model] = self.base(model)

    def _set_up(self, model: str, task: str) -> None:
        """Set a bench up with the default budget; not where there is a GPU, which a parent must not touch."""
        import torch

        from workbench.training.bench import set_up
        from workbench.training.check import check
        from workbench.training.look import know_start

        if torch.cuda.is_available():
            return
        bench = set_up(check(RunSpec(model, Choice(task))), self.bases[model])
        began = perf_counter()
        know_start(bench)
        self._clock(bench, perf_counter() - began)
        self.benches.append(bench)

    def _clock(self, bench: "Bench", start_seconds: float) -> None:
        """Learn how fast this machine is; `start_seconds`: reading and answering the questions once."""
        from workbench.training.evaluate import mean_loss

        questions, untouched = bench.questions(), bench.untouched.model
        tokens = sum(batch.tokens for batch in questions.batches)
        examples = sum(len(batch.ids) for batch in questions.batches)
        if not self.pace:
            began = perf_counter()
            mean_loss(untouched, questions.batches, bench.objective, bench.device)
            read = perf_counter() - began
            began = perf_counter()
            mean_loss(untouched, bench.base_batches, bench.objective, bench.device)
            answered = max(1, len(questions.scored)) * bench.writing.new_tokens
            self.pace = {
                "parameters": bench.base.card.parameters,
                "read": read / tokens,
                "write": max(0.0, start_seconds - read) / answered,
                "domain": perf_counter() - began,
                "tokens": {},
            }
        self.pace["tokens"][bench.task.name] = tokens / examples

    def _rehearse(self) -> None:
        """Build a run of every method once: what that imports is then there for all workers."""
        from workbench.training.build import Scribe, build_run
        from workbench.training.check import check

        for bench in self.benches[:1]:
            for name in METHODS:
                if METHODS[name].packages:  # perhaps not installed, and not worth every worker's memory
                    continue
                spec = RunSpec(bench.base.card.name, Choice(bench.task.name), Choice(name))
                build_run(check(spec), bench, Scribe("rehearsal"))
