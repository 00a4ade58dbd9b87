"""A run's data as two plain files, for a program that knows nothing of the workbench."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import StorageError
from workbench.models.load import load_base
from workbench.spec import RunSpec
from workbench.training.batches import Examples, batch_order
from workbench.training.bench import asked_with, held_out_records, task_layout, training_records
from workbench.training.check import Checked, check

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TRAINING = "training.jsonl"
EVALUATION = "evaluation.jsonl"


def write_data_files(spec: RunSpec, folder: Path) -> None:
    """Write what a run reads, one example a line: its prompt, its target and how many tokens they are.

    `training.jsonl` holds the examples in the order in which they are learned, each with its `step` (1 is the first).
    `evaluation.jsonl` holds what the held-out loss is measured on.

    Raises:
        WorkbenchError: the spec, the model or the data does not do, or the folder cannot be written.
    """
    checked = check(spec)
    tokenizer = load_base(spec.model).tokenizer
    files = {TRAINING: _training(checked, tokenizer), EVALUATION: _evaluation(checked, tokenizer)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in files.items():
            lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
            (folder / name).write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error.strerror}.", "Name another folder.") from error


def _training(checked: Checked, tokenizer: "PreTrainedTokenizerBase") -> Iterator[dict[str, Any]]:
    budget = checked.spec.budget
    layout = task_layout(checked, tokenizer)
    examples = Examples(training_records(checked, tokenizer), tokenizer, checked.max_length, layout)
    order = batch_order(examples, budget.batch_size, checked.spec.seed)
    for step, numbers in enumerate(islice(order, budget.steps if checked.method.trains else 0), 1):
        yield from ({"step": step, **_row(number, examples)} for number in numbers)


def _evaluation(checked: Checked, tokenizer: "PreTrainedTokenizerBase") -> Iterator[dict[str, Any]]:
    shots, layout = checked.method.shots, task_layout(checked, tokenizer)
    shown = training_records(checked, tokenizer)[:shots] if shots else []
    asked = held_out_records(checked, tokenizer)[: checked.spec.budget.evaluation_examples]
    examples = Examples(asked_with(asked, shown, tokenizer, layout), tokenizer, checked.max_length, layout)
    yield from (_row(number, examples) for number in range(len(examples)))


def _row(number: int, examples: Examples) -> dict[str, Any]:
    record = examples.records[number]
    cut = {"cut": record.cut} if record.cut else {}
    return {"prompt": record.prompt, "target": record.target + record.end, "tokens": examples[number].size, **cut}
