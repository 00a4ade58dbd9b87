"""Write a finished pretraining run to assets/: weights, tokenizer, recipe, report and model card."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workbench.errors import RunError
from workbench.pretraining.examine import BARS, LIVELY, TEMPERATURE
from workbench.pretraining.kinds import KINDS
from workbench.pretraining.pretrain import build_model, load_checkpoint, read_tokenizer
from workbench.pretraining.recipe import Recipe

ITEMS = 500  # stories, questions and snippets of each kind


def ship(recipe: Recipe, folder: Path, tokenizer_folder: Path, target: Path) -> dict[str, Any]:
    """Save the checkpoint in half precision as a transformers folder, examine it, write card and report.

    Raises:
        RunError: there is no checkpoint to ship.
    """
    import torch

    tokenizer = read_tokenizer(recipe, tokenizer_folder)
    model = build_model(recipe, tokenizer)
    step = load_checkpoint(folder, model, [])
    if not step:
        raise RunError(f"There is no checkpoint in {folder}.", "Run `make pretrain` first.")
    target.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(target)
    tokenizer.save_pretrained(target)
    report = measure(recipe, type(model), target) | {
        "steps": step,
        "training": training_facts(folder),
        "torch": torch.__version__,
    }
    (target / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n")
    (target / "report.json").write_text(json.dumps(report, indent=2) + "\n")
    (target / "README.md").write_text(card(recipe, report))
    return report


def measure(recipe: Recipe, architecture: Any, target: Path) -> dict[str, Any]:
    """Examine the shipped files themselves, read back in full precision."""
    import torch
    from transformers import AutoTokenizer

    model = architecture.from_pretrained(target, dtype=torch.float32)
    tokenizer, kind = AutoTokenizer.from_pretrained(target), KINDS[recipe.kind]()
    parameters = sum(parameter.numel() for parameter in model.parameters())
    scores = kind.examine(model.eval(), tokenizer, ITEMS)
    lively = kind.sampled(model, tokenizer, ITEMS, LIVELY)
    return {"parameters": parameters, "temperature": TEMPERATURE, "scores": scores, f"sampled_at_{LIVELY}": lively}


def training_facts(folder: Path) -> dict[str, float]:
    """Tokens seen, hours, and the mean loss of the last hundred steps, from the run's log."""
    rows = {row["step"]: row for row in map(json.loads, (folder / "log.jsonl").read_text().splitlines())}
    last = [rows[step]["loss"] for step in sorted(rows)[-100:]]
    seconds = sum(row["tokens"] / row["tokens_per_second"] for row in rows.values())
    tokens = sum(row["tokens"] for row in rows.values())
    return {"tokens": tokens, "hours": round(seconds / 3600, 2), "final_loss": sum(last) / len(last)}


def card(recipe: Recipe, report: dict[str, Any]) -> str:
    """The model card, with every figure taken from the report."""
    facts, kind = report["training"], KINDS[recipe.kind]
    return f"""---
license: apache-2.0
language: [en, es]
---
# {recipe.name}

{kind.sentence}: {report["parameters"]:,} parameters, width {recipe.width}, {kind.blocks(recipe.depth)},
context {recipe.context}. It was pretrained from random weights on {facts["tokens"] / 1e6:.1f} million tokens of text
that `workbench/pocket` writes (English and Spanish stories, tracking questions, sums, tiny Python functions,
facts, dialogues; no third-party text), in {facts["hours"]:.1f} hours on a CPU.
Loss over the last hundred steps: {facts["final_loss"]:.3f} nats per learned token.

It exists to be tuned in lessons. It knows its small world and nothing else; use it for nothing else.

{_table(report)}

`recipe.json` is the exact recipe, `report.json` the full report; `make pretrain MODEL={recipe.name}` repeats it.
Weights are stored in half precision and meant to be loaded in float32.
"""


def _table(report: dict[str, Any]) -> str:
    """The scores, and beside them what was sampled at a higher temperature where anything was."""
    lively = report[f"sampled_at_{LIVELY}"]
    head = [f"measured on {ITEMS} fresh items each", "value"]
    rows = [[name, f"{value:.3f}"] for name, value in report["scores"].items()]
    told = "What is written or filled in are the likeliest tokens."
    if lively:
        head += ["bar", f"sampled at {LIVELY}"]
        rows = [[*row, _bar(row[0]), _number(lively.get(row[0]))] for row in rows]
        told = (
            f"Stories and snippets were sampled at temperature {TEMPERATURE}, in the last column at {LIVELY}; "
            "questions were\nanswered greedily."
        )
    lines = [" | ".join(cells) for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(f"| {line} |" for line in lines) + f"\n\n{told}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _bar(name: str) -> str:
    return f">= {BARS[name]:.2f}" if name in BARS else ""
