"""The kinds of jobs that a worker can do; each yields messages for the server, or None where it only got on."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.jobs.wire import Message
from workbench.runs.folder import RunFolder

if TYPE_CHECKING:
    from torch import nn

    from workbench.jobs.warmth import Warmth

LONGEST_ANSWER = 200  # tokens
MOST_COUNTED = 5000  # examples whose tokens a look counts; all of a large file would take minutes
MOST_VOICES = 6  # runs that answer a prompt at once, beside the base


def race(job: dict[str, Any], warmth: "Warmth") -> Iterator[Message | None]:
    """Start or go on with the runs in `folders`; what happens stands in their journals.

    Who sends the job takes back an earlier wish to stop: one that comes while it waits for a worker counts.
    SIGTERM asks all of them to stop: each keeps a checkpoint after its current step.
    """
    from workbench.runs.record import perform

    folders = sorted((RunFolder(Path(path)) for path in job["folders"]), key=lambda folder: folder.about().order)
    signal.signal(signal.SIGTERM, lambda number, frame: [folder.ask_to_stop() for folder in folders] and None)
    for _ in perform(folders, warmth.race):
        yield None


def look(job: dict[str, Any], warmth: "Warmth") -> Iterator[Message | None]:
    """See the task's examples as the model does: {sentences, notes, records: [{prompt, target, tokens, ...}]}."""
    from workbench.spec import RunSpec
    from workbench.tasks.chat_lint import lint_text
    from workbench.tasks.chat_template import lay_out
    from workbench.tasks.token_view import look, pieces
    from workbench.training.bench import task_layout
    from workbench.training.check import check

    checked = check(RunSpec.from_json(job["spec"]))
    every = checked.task.records("train", checked.spec.budget.examples, checked.spec.seed)
    tokenizer = warmth.base(checked.spec.model).tokenizer
    layout = task_layout(checked, tokenizer)
    records = lay_out(every[:MOST_COUNTED], tokenizer, layout)
    report = look(records, tokenizer, checked.max_length, 3, layout)
    told = [*report.sentences(), *lint_text(records, tokenizer, checked.task.holds_chats())]
    if len(every) > MOST_COUNTED:
        told.insert(0, f"Counted are the first {MOST_COUNTED:,} of {len(every):,} training examples.")
    views = [
        {
            "prompt": record.prompt,
            "target": record.target + record.end,
            "truncated": view.truncated,
            "copies": view.copies,
            "tokens": [[piece.text, piece.learned, piece.tokens] for piece in pieces(view, tokenizer)],
        }
        for record, view in zip(records, report.views, strict=False)
    ]
    yield {"sentences": told, "notes": checked.task.notes(), "records": views}


def fetch(job: dict[str, Any], warmth: "Warmth") -> Iterator[Message | None]:
    """Bring a dataset of the hub here: {rows} as they come, at the end {path, columns, notes}."""
    from workbench.knobs import configure
    from workbench.tasks.hub_fetch import fetch
    from workbench.tasks.own_file import OwnFile, first_look

    task = configure(OwnFile, job["knobs"], OwnFile.name)
    data = task.hub_data()
    for rows in fetch(data) if data else ():
        yield {"rows": rows}
    yield first_look(task)


def rates(job: dict[str, Any], warmth: "Warmth") -> Iterator[Message | None]:
    """Find a learning rate by a range test: {rates, losses, unit, default, suggested, breaks} of one run."""
    from workbench.spec import RunSpec
    from workbench.training.range_test import range_tests

    spec = RunSpec.from_json(job["spec"])
    for curve in range_tests([spec], base=warmth.base(spec.model)):
        told = {"rates": curve.rates, "losses": curve.losses, "unit": curve.unit, "default": curve.default}
        yield {**told, "suggested": curve.suggested, "breaks": curve.breaks if curve.losses else None}


def write(job: dict[str, Any], warmth: "Warmth") -> Iterator[Message | None]:
    """Let the base and tuned runs answer one prompt, piece by piece in turn: {"place": n, "text": piece}.

    `artifacts` are folders of tuned weights, null for the base; `scale` stretches what LoRA and adapters add, from
    the base (0) to the tuned model (1) and beyond.
    """
    from workbench.models.catalog import find_card
    from workbench.tasks.encode import layout_of
    from workbench.training.generate import Writing, stream
    from workbench.training.scale import scale_change

    find_card(job["model"])
    base = warmth.base(job["model"])
    positions = base.card.positions
    writing = Writing(
        min(job.get("tokens", 80), LONGEST_ANSWER, positions // 2),
        job["temperature"],
        job["seed"],
        positions,
        job["top_p"],
        layout_of(base.card, base.tokenizer),
    )
    voices: dict[int, Iterator[str]] = {}
    for place, artifact in enumerate(job["artifacts"]):
        model = _tuned(base, artifact)
        scale_change(model, job.get("scale", 1.0))
        voices[place] = stream(model, base.tokenizer, job["prompt"], writing)
    while voices:
        for place in list(voices):
            piece = next(voices[place], None)
            if piece is None:
                del voices[place]
                yield {"place": place, "done": True}
            else:
                yield {"place": place, "text": piece}


def _tuned(base: Any, artifact: str | None) -> "nn.Module":
    from workbench.methods.artifact import load_artifact
    from workbench.training.bench import share

    model = share(base.model)
    return load_artifact(Path(artifact), model) if artifact else model


KINDS: dict[str, Callable[[dict[str, Any], "Warmth"], Iterator[Message | None]]] = {
    "race": race,
    "look": look,
    "fetch": fetch,
    "rates": rates,
    "write": write,
}
