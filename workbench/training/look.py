"""Look at a run from outside: its losses on held-out text, its scores, its samples, its memory and movement."""

from collections.abc import Iterator

from torch import nn

from workbench.events import Evaluated, Event, Measured, Sampled
from workbench.tasks.contract import Record
from workbench.tasks.scoring import score_answers
from workbench.training.batches import ONE_AT_A_TIME
from workbench.training.bench import Bench, Untouched
from workbench.training.build import Run
from workbench.training.evaluate import mean_loss
from workbench.training.generate import prompt_ids, text_of, write


def look(run: Run) -> Iterator[Event]:
    """Evaluate, measure and sample, where the budget says so at the run's step."""
    budget, step = run.checked.spec.budget, run.step
    written: list[str] = []
    if step in budget.evaluation_steps():
        evaluated, written = evaluate(run)
        yield evaluated
        movement = run.movement.now()
        yield run.scribe.event(Measured, step, peak_memory_bytes=run.memory.peak, movement=movement)
    if step in budget.sample_steps():
        yield sample(run, written)


def evaluate(run: Run) -> tuple[Evaluated, list[str]]:
    """Both held-out losses, and at the first and the last step the scores, with the answers that were scored."""
    bench, questions, step = run.bench, run.questions, run.step
    if step == 0 and run.starts_as_the_base:
        start = know_start(bench)
        facts = {"loss": start.loss, "base_loss": start.base_loss, "scores": start.scores}
        return run.scribe.event(Evaluated, step, **facts), start.answers
    loss = mean_loss(run.tuned.model, questions.batches, bench.objective, bench.device)
    base_loss = mean_loss(run.tuned.model, bench.base_batches, bench.objective, bench.device)
    is_end = step in (0, run.checked.spec.budget.steps)
    written = _write(run.tuned.model, bench, questions.posed) if is_end else []
    scores = score_answers(bench.task, questions.scored, written) if written else {}
    return run.scribe.event(Evaluated, step, loss=loss, base_loss=base_loss, scores=scores), written


def know_start(bench: Bench) -> Untouched:
    """What the untouched base does with the race's questions: measured once, true of all runs that start as it."""
    untouched, questions = bench.untouched, bench.questions()
    with untouched.lock:
        if untouched.loss is None:
            untouched.loss = mean_loss(untouched.model, questions.batches, bench.objective, bench.device)
            untouched.answers = _write(untouched.model, bench, questions.posed)
            if untouched.answers:
                untouched.scores = score_answers(bench.task, questions.scored, untouched.answers)
    return untouched


def sample(run: Run, written: list[str]) -> Sampled:
    """What the run writes for the prompts that are shown; `written` are answers it gave at this step already."""
    shown, posed = run.questions.shown, run.questions.posed
    known = bool(written) and posed[: len(shown)] == shown
    texts = written[: len(shown)] if known else _write(run.tuned.model, run.bench, shown)
    samples = tuple(
        {"prompt": record.prompt, "text": text, "target": record.target}
        for record, text in zip(shown, texts, strict=True)
    )
    return run.scribe.event(Sampled, run.step, samples=samples)


def _write(model: nn.Module, bench: Bench, records: list[Record]) -> list[str]:
    tokenizer = bench.base.tokenizer
    if not records:
        return []
    with ONE_AT_A_TIME:
        rows = [prompt_ids(record.prompt, tokenizer, bench.layout, record.cut) for record in records]
    with bench.device.autocast():
        written = write(model, tokenizer, rows, bench.writing)
    with ONE_AT_A_TIME:
        return [text_of(ids, tokenizer) for ids in written]
