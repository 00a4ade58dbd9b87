"""Several LoRAs as one: what they learned added up, or what they agree on."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from workbench.errors import RunError, SpecError
from workbench.models.load import load_base
from workbench.objectives import OBJECTIVES
from workbench.runs.folder import RunFolder
from workbench.runs.storage import storing

How = Literal["sum", "ties", "dare"]
# PEFT's words. Side by side, two LoRAs are exactly their sum; the other ways compare the matrices of both number by
# number: those that count for less are left out, and where signs differ the heavier side wins (Yadav et al. 2023,
# arXiv:2306.01708, TIES), or numbers are left out by chance and the rest made up for it (Yu et al. 2023,
# arXiv:2311.03099, DARE).
KINDS: dict[How, str] = {"sum": "cat", "ties": "ties", "dare": "dare_linear"}


@dataclass(frozen=True)
class Recipe:
    """How to combine: a weight for each run (negative ones take away), and the share of numbers that stays."""

    how: How = "sum"
    weights: tuple[float, ...] = ()
    density: float = 0.5
    seed: int = 0


def combine(folders: Sequence[RunFolder], target: Path, recipe: Recipe) -> Path:
    """Write the combination as a folder of PEFT's, which `workbench generate --adapter` and PEFT itself load.

    Raises:
        RunError: a run is no LoRA or kept no weights, they have other bases, or `target` exists.
        SpecError: the recipe does not fit.
        ModelError: their base model is not there.
        StorageError: it cannot be written.
    """
    _check(folders, target, recipe)
    model = _combined(folders, recipe)
    with storing(target):
        draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
        try:
            _write(model, folders, recipe, draft / "artifact")
            (draft / "artifact").replace(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return target


def _check(folders: Sequence[RunFolder], target: Path, recipe: Recipe) -> None:
    if len(folders) < 2 or len({folder.id for folder in folders}) < len(folders):
        raise SpecError("the number of runs to combine", len(folders), "two or more, each once")
    if recipe.how not in get_args(How):
        raise SpecError("how", recipe.how, "one of " + ", ".join(get_args(How)))
    if recipe.weights and len(recipe.weights) != len(folders):
        raise SpecError("weights", len(recipe.weights), f"{len(folders)}, one for each run")
    if not 0 < recipe.density <= 1:
        raise SpecError("density", recipe.density, "more than 0, at most 1")
    if target.exists():
        raise RunError(f"{target} exists already.", "Give another folder name.")
    specs = [folder.spec() for folder in folders]
    for folder, spec in zip(folders, specs, strict=True):
        if spec.method.name != "lora" or spec.method.knobs.get("dora") or spec.method.knobs.get("pissa"):
            raise RunError(f"Run {folder.id} is {spec.method}, but combined are LoRAs that leave their base as it is.")
        if OBJECTIVES[spec.objective.name].by_head:
            raise RunError(
                f"Run {folder.id} answers by a classification head, and heads of two tasks are not added up."
            )
        if not folder.artifact.is_dir():
            raise RunError(f"Run {folder.id} has no tuned weights.", "They are there once it is finished.")
        if spec.model != specs[0].model:
            raise RunError(f"Run {folder.id} was tuned from {spec.model}, the first from {specs[0].model}.")
    if recipe.how != "sum" and len({str(spec.method.knobs.get("rank")) for spec in specs}) > 1:
        raise RunError(f"{recipe.how} compares matrices, which have to be of one rank.", "Use sum.")


def _combined(folders: Sequence[RunFolder], recipe: Recipe) -> Any:
    import torch
    from peft import PeftModel

    from workbench.methods.peft_models import ADAPTER, without_idle_warnings
    from workbench.methods.weights import seeded

    names = [f"run{number}" for number in range(len(folders))]
    with without_idle_warnings():
        base = load_base(folders[0].spec().model).model
        model = PeftModel.from_pretrained(base, str(folders[0].artifact), adapter_name=names[0])
        for name, folder in zip(names[1:], folders[1:], strict=True):
            model.load_adapter(str(folder.artifact), adapter_name=name)
    tuner: Any = model.base_model
    density = {} if recipe.how == "sum" else {"density": recipe.density}
    weights = list(recipe.weights) or [1.0] * len(folders)
    with seeded(torch.Generator().manual_seed(recipe.seed)):
        tuner.add_weighted_adapter(names, weights, ADAPTER, combination_type=KINDS[recipe.how], **density)
    model.set_adapter(ADAPTER)
    for name in names:
        model.delete_adapter(name)
    return model


def _write(model: Any, folders: Sequence[RunFolder], recipe: Recipe, target: Path) -> None:
    from workbench.methods.artifact import DESCRIPTION, save_adapter

    target.mkdir()
    save_adapter(model, target)
    facts = {
        "combined": [folder.id for folder in folders],
        "how": recipe.how,
        "weights": list(recipe.weights) or [1.0] * len(folders),
        **({} if recipe.how == "sum" else {"density": recipe.density, "seed": recipe.seed}),
    }
    (target / DESCRIPTION).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
