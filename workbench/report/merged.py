"""A tuned model as an ordinary model folder: what was learned is added into the base's weights."""

import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import RunError, WorkbenchError
from workbench.models.load import Base, load_base
from workbench.objectives import OBJECTIVES
from workbench.report.model_card import model_card
from workbench.runs.folder import RunFolder
from workbench.runs.storage import storing
from workbench.runs.summary import read_history

if TYPE_CHECKING:
    import torch
    from torch import nn
    from transformers import PreTrainedModel

CLOSE = 1e-3  # largest difference of a logit that merging may make: products are added up in another order


def export_merged(folder: RunFolder, target: Path) -> Path:
    """Write the tuned model as weights, config, tokenizer and model card, loadable by transformers and by `--model`.

    Raises:
        RunError: the run kept no weights, its method cannot be merged, it answers by a head, or `target` exists.
        ModelError: its base model is not there.
        StorageError: it cannot be written.
    """
    if not folder.artifact.is_dir():
        raise RunError(f"Run {folder.id} has no tuned weights.", "They are there once a run that trains is finished.")
    if target.exists():
        raise RunError(f"{target} exists already.", "Give another folder name.")
    spec = folder.spec()
    if OBJECTIVES[spec.objective.name].by_head:
        told = f"Run {folder.id} answers by a classification head, which an ordinary model folder has no place for."
        raise RunError(told, "Export it beside the base with --weights.")
    base = load_base(spec.model)
    model = merged(folder, base)
    with storing(target):
        draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
        try:
            model.save_pretrained(draft / "model")
            base.tokenizer.save_pretrained(str(draft / "model"))
            card = model_card(spec, read_history(folder), "transformers")
            (draft / "model" / "README.md").write_text(card, encoding="utf-8")
            (draft / "model").replace(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return target


def merged(folder: RunFolder, base: Base) -> "PreTrainedModel":
    """The tuned model without anything beside its weights, checked to answer as before; the base is used up.

    Raises:
        RunError: what was learned is no change of weights, or merging changed the answers.
    """
    import torch
    from peft import PeftModel
    from transformers import PreTrainedModel

    from workbench.methods.artifact import load_artifact
    from workbench.training.bench import share

    tuned = load_artifact(folder.artifact, share(base.model), whole=True)
    if not isinstance(tuned, PeftModel):
        if not isinstance(tuned, PreTrainedModel):  # prompts before it
            raise _unmergeable(folder)
        return _loose(tuned)
    ids = torch.arange(min(16, base.card.vocabulary))[None]  # (1, time)
    before = logits_of(tuned, ids)
    try:
        for module in tuned.modules():  # the base's weights are shared; merging writes into them
            layer = getattr(module, "base_layer", None)
            if layer is None:
                continue
            for name, held in list(layer.named_parameters(recurse=False)):
                setattr(layer, name, torch.nn.Parameter(held.detach().clone(), requires_grad=False))
        with warnings.catch_warnings():  # `_loose` writes it into the config
            warnings.filterwarnings("ignore", "Input and output embeddings are no longer tied", UserWarning)
            model: Any = tuned.merge_and_unload()  # type: ignore[operator]
    except (AttributeError, ValueError, NotImplementedError, WorkbenchError) as error:
        raise _unmergeable(folder) from error
    if before.shape != (after := logits_of(model, ids)).shape or float((before - after).abs().max()) > CLOSE:
        raise _unmergeable(folder)
    return _loose(model)


def logits_of(model: "nn.Module", ids: "torch.Tensor") -> "torch.Tensor":
    """Logits (1, time, vocabulary) for tokens (1, time); an encoder-decoder writes what it reads."""
    import torch

    with torch.no_grad():
        written = {"decoder_input_ids": ids} if model.config.is_encoder_decoder else {}  # type: ignore[union-attr]
        logits: torch.Tensor = model(input_ids=ids, **written).logits[:, -ids.shape[1] :]
    return logits


def _loose(model: Any) -> "PreTrainedModel":
    """The config says whether the output head still shares the embedding's numbers: some methods move one of them."""
    head, embedding = model.get_output_embeddings(), model.get_input_embeddings()
    model.config.tie_word_embeddings = head is not None and head.weight is embedding.weight
    return model  # type: ignore[no-any-return]


def _unmergeable(folder: RunFolder) -> RunError:
    method = folder.spec().method.name
    return RunError(
        f"What {method} learned cannot be added into the weights of its base.",
        "Export it beside the base with --weights.",
    )
