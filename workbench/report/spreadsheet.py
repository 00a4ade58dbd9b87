"""The results as a CSV file: raw numbers, one row a run, and no cell that a spreadsheet would take for a formula."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workbench.report.race import Race, whole_task_name
from workbench.spec import RunSpec
from workbench.views.contract import Row, ShownRun
from workbench.views.metrics import Measure, more_measured
from workbench.views.results import Results
from workbench.views.text import readable

FORMULA = ("=", "+", "-", "@")  # what a spreadsheet reads as the start of one


def spreadsheet(race: Race, origins: Sequence[Mapping[str, str]]) -> str:
    """The runs as CSV with a head; `origins` are facts about where each run comes from, which stand first.

    Losses in the unit that stands beside them, forgetting in nats per token, score from 0 to 1, time in seconds,
    memory in bytes; a column for each metric, in its own range. What was not measured is empty. A text that starts
    like a formula gets an apostrophe before it.
    """
    results, more = Results().table(race.runs), [more_measured(run) for run in race.runs]
    keys = dict.fromkeys(measure.key for values in more for measure in values)
    rows = [
        {**origin, **_set_up(spec, run), **_measured(run, row), **_more(keys, values)}
        for origin, spec, run, row, values in zip(origins, race.specs, race.runs, results, more, strict=True)
    ]
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(rows[0] if rows else [])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return file.getvalue()


def _set_up(spec: RunSpec, run: ShownRun) -> dict[str, Any]:
    budget = spec.budget
    return {
        "label": run.label,
        "state": run.history.state,
        "model": run.model,
        "task": whole_task_name(spec.task),
        "method": str(spec.method),
        "objective": str(spec.objective),
        "seed": spec.seed,
        "steps": budget.steps,
        "batch_size": budget.batch_size,
        "accumulation": budget.accumulation,
        "examples": budget.examples or "all",
        "max_length_tokens": budget.max_length,
        "schedule": budget.schedule,
        "warmup_fraction": budget.warmup,
        "weight_decay": budget.weight_decay,
        "evaluation_examples": budget.evaluation_examples,
        "metric_examples": budget.metric_examples,
        "learning_rate": run.history.learning_rate or None,
        "device": run.history.device,
        "precision": run.history.precision,
    }


def _measured(run: ShownRun, row: Row) -> dict[str, Any]:
    return {
        "trainable_parameters": row["trainable"],
        "total_parameters": int(run.history.counts["total"]) if run.history.counts else None,
        "first_held_out_loss": row["loss_first"],
        "held_out_loss": row["loss"],
        "loss_unit": run.unit,
        "score_name": run.metric,
        "score": row["metric"],
        "forgetting": row["change"],
        "seconds": row["seconds"],
        "peak_memory_bytes": row["memory_bytes"],
        "tokens_per_second": row["tokens_per_second"],
    }


def _more(keys: Iterable[str], values: Mapping[Measure, float]) -> dict[str, Any]:
    """A column for each metric that any of the runs has beside its leading score."""
    own = {measure.key: value for measure, value in values.items()}
    return {f"metric_{key}": own.get(key) for key in keys}


def _cell(value: object) -> object:
    """The value as it stands in a cell: numbers as they are, texts harmless."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    text = readable(value)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
