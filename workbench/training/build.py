"""Build one run of a race: a model of its own over shared weights, its method, its optimizer."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from time import perf_counter
from typing import Any, TypeVar

import torch

from workbench.events import Event
from workbench.methods.contract import Tuned
from workbench.methods.head import new_head, train_head
from workbench.methods.peft_models import import_peft
from workbench.training.attention import attend_fast
from workbench.training.batches import Batch, batch_order, parts
from workbench.training.bench import Bench, Questions, share
from workbench.training.check import Checked
from workbench.training.device import Randomness
from workbench.training.movement import Movement
from workbench.training.optimizer import build_optimizer
from workbench.training.peak_memory import PeakMemory
from workbench.training.progress import inner_model

Happening = TypeVar("Happening", bound=Event)


@dataclass
class Scribe:
    """Writes down what happens in one run: counts its events and its own seconds.

    `seq` and `step` are those of the latest event. Time counts between `resume` and `pause` only, so that the
    other runs of a race are left out.
    """

    run: str
    seq: int = -1
    seconds: float = 0.0
    step: int = 0
    _since: float | None = None

    def resume(self) -> None:
        """The run has the device."""
        self._since = perf_counter()

    def pause(self) -> None:
        """Another run has the device."""
        self.seconds, self._since = self.elapsed(), None

    def elapsed(self) -> float:
        """Seconds that the run has worked."""
        return self.seconds + (perf_counter() - self._since if self._since is not None else 0.0)

    def event(self, kind: type[Happening], step: int, **facts: Any) -> Happening:
        """The next event of the run."""
        self.seq, self.step = self.seq + 1, step
        return kind(run=self.run, seq=self.seq, step=step, seconds=self.elapsed(), **facts)


@dataclass
class Run:
    """One run while it trains; `step` is the number of optimizer steps done."""

    checked: Checked
    bench: Bench
    scribe: Scribe
    tuned: Tuned
    questions: Questions
    optimizer: torch.optim.AdamW
    randomness: Randomness
    memory: PeakMemory
    movement: Movement
    step: int = 0

    @property
    def starts_as_the_base(self) -> bool:
        """Whether before the first step the run answers as the base does; a new head answers by chance."""
        method = self.checked.method
        return method.starts_at_base and not method.shots and not self.checked.objective.by_head

    def batches(self) -> Iterator[list[Batch]]:
        """Yield the parts of each batch from the next step on; what was trained on before is passed over."""
        spec, bench = self.checked.spec, self.bench
        order = batch_order(bench.examples, spec.budget.batch_size, spec.seed)
        for numbers in islice(order, self.step, spec.budget.steps):
            chosen = [bench.examples[number] for number in numbers]
            yield parts(chosen, spec.budget.accumulation, bench.padding, bench.device.place)


def build_run(checked: Checked, bench: Bench, scribe: Scribe) -> Run:
    """Put the method on a model that shares the bench's weights; every random start comes from the seed.

    A classification head is drawn first, so that it is the same for all methods.
    """
    import_peft()
    seed, place = checked.spec.seed, bench.device.place
    randomness = Randomness(seed, place)
    with randomness.lent():
        generator = torch.Generator().manual_seed(seed)
        head = new_head(checked.card, bench.layout.labels, generator) if checked.objective.by_head else None
        tuned = checked.method.apply(share(bench.base.model), checked.card, bench.base.tokenizer, generator)
        if head is not None:
            train_head(tuned, head, checked.card)
        tuned.model.to(place)
    attend_fast(inner_model(tuned.model), bench.device, bench.base.card.kind)
    tuned.model.train()
    optimizer = build_optimizer(tuned.movable, tuned.rates, checked.spec.budget.weight_decay)
    base = dict(bench.base.model.named_parameters(remove_duplicate=False))
    return Run(
        checked=checked,
        bench=bench,
        scribe=scribe,
        tuned=tuned,
        questions=bench.questions(checked.method.shots),
        optimizer=optimizer,
        randomness=randomness,
        memory=PeakMemory(tuned.model, optimizer, place),
        movement=Movement(tuned, checked.anatomy, base),
    )
