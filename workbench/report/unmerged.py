"""What a run learned, taken out of a merged model again: its base is left."""

import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import RunError
from workbench.models.load import load_base
from workbench.report.merged import CLOSE, logits_of
from workbench.runs.folder import RunFolder
from workbench.runs.storage import storing

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedModel


def export_unmerged(folder: RunFolder, merged: Path, target: Path) -> Path:
    """Write the base that is left, as weights, config and tokenizer, after holding its answers to the real base's.

    Raises:
        RunError: the run kept no weights, its method cannot be taken out, `merged` is of another, or `target` exists.
        ModelError: the merged model or the base is not there.
        StorageError: it cannot be written.
    """
    if not folder.artifact.is_dir():
        raise RunError(f"Run {folder.id} has no tuned weights.", "They are there once a run that trains is finished.")
    if target.exists():
        raise RunError(f"{target} exists already.", "Give another folder name.")
    model, tokenizer = _left(folder, merged)
    with storing(target):
        draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
        try:
            model.save_pretrained(draft / "model")
            tokenizer.save_pretrained(str(draft / "model"))
            (draft / "model").replace(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return target


def _left(folder: RunFolder, merged: Path) -> tuple["PreTrainedModel", Any]:
    import torch
    from peft import PeftModel

    from workbench.methods.artifact import load_artifact

    base, given = load_base(folder.spec().model), load_base(str(merged))
    ids = torch.arange(min(16, base.card.vocabulary))[None]  # (1, time)
    try:
        tuned = load_artifact(folder.artifact, given.model)
        if not isinstance(tuned, PeftModel):
            raise _inseparable(folder, merged)
        _take_out(tuned)
        model: Any = tuned.unload()  # type: ignore[operator]
    except (AttributeError, ValueError, NotImplementedError, KeyError) as error:
        raise _inseparable(folder, merged) from error
    if float((logits_of(base.model, ids) - logits_of(model, ids)).abs().max()) > CLOSE:
        raise _inseparable(folder, merged)
    return model, base.tokenizer


def _take_out(tuned: "nn.Module") -> None:
    """Let each of PEFT's layers believe that it is merged already, and undo that."""
    import torch
    from peft.tuners.tuners_utils import BaseTunerLayer

    from workbench.methods.peft_models import ADAPTER

    with torch.no_grad(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Unmerge result can be inaccurate", UserWarning)  # of (IA)3, which divides
        for layer in tuned.modules():
            if isinstance(layer, BaseTunerLayer):
                layer.merged_adapters = [ADAPTER]
                layer.unmerge()


def _inseparable(folder: RunFolder, merged: Path) -> RunError:
    return RunError(
        f"What run {folder.id} ({folder.spec().method.name}) learned cannot be taken out of {merged.name}.",
        "It works for what PEFT adds to weights, as LoRA, and for the folder that this very run was merged into.",
    )
