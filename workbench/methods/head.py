"""A classification head beside whatever a method does: it reads what the output head would, and chooses a label.

Every method trains it, at its own rate, together with what it trains of the body: a new layer has nothing to start from
(Devlin et al. 2018, arXiv:1810.04805, section 4.1; PEFT calls such layers `modules_to_save`). The output head stays for
the loss on the base's own texts, but no gradient reaches it, so it does not move.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.anatomy import Anatomy, Piece
from workbench.card import ModelCard
from workbench.errors import RunError
from workbench.methods.contract import Tuned

if TYPE_CHECKING:
    import torch
    from torch import nn

    from workbench.methods.tuners.classification_head import ClassificationHead

NAME = "classification_head"
FILE = "classification_head.safetensors"
UNTRAINED = "A new head is random until it is trained; feature_based trains it and leaves the model as it is."


def width_of(card: ModelCard) -> int:
    """Numbers of a state as the output head reads it."""
    return card.embedding_width or card.width


def with_head(anatomy: Anatomy, card: ModelCard) -> Anatomy:
    """The anatomy of a method with the head that the card asks for; the same where it asks for none."""
    if not card.labels:
        return anatomy
    head = (
        Piece(f"{NAME}.weight", (card.labels, width_of(card)), NAME, state="added", formula="labels * width"),
        Piece(f"{NAME}.bias", (card.labels,), NAME, state="added", formula="labels"),
    )
    body = [replace(piece, state="frozen") if piece.role == "output_head" else piece for piece in anatomy.pieces]
    kept = None if anatomy.kept is None else anatomy.kept + sum(piece.count for piece in head)
    return replace(anatomy, pieces=(*body, *head), kept=kept)


def new_head(card: ModelCard, labels: tuple[str, ...], generator: "torch.Generator") -> "ClassificationHead":
    """A head for these labels, its start drawn from the generator."""
    from workbench.methods.tuners.classification_head import ClassificationHead

    return ClassificationHead(labels, width_of(card), generator)


def train_head(tuned: Tuned, head: "ClassificationHead", card: ModelCard) -> None:
    """Put the head on a tuned model as something that moves; its output head stays as it is."""
    idle = tuple(piece.name for piece in card.pieces if piece.role == "output_head")
    for name in [name for name in tuned.movable if name.startswith(idle)]:  # and what is learned about such a weight
        tuned.movable.pop(name).requires_grad_(False)
    put_head(tuned.model, head)
    moving = {id(parameter) for parameter in (*tuned.movable.values(), *head.parameters())}
    tuned.movable = {name: held for name, held in tuned.model.named_parameters() if id(held) in moving}


def put_head(model: "nn.Module", head: "ClassificationHead") -> None:
    """Let the transformers model hold the head, inside PEFT's wrapper where there is one."""
    inner: Any = getattr(model, "get_base_model", lambda: model)()
    setattr(inner, NAME, head)


def head_of(model: "nn.Module") -> "ClassificationHead | None":
    """The model's classification head; None where it answers in words."""
    inner: Any = getattr(model, "get_base_model", lambda: model)()
    return getattr(inner, NAME, None)


def is_of_head(name: str) -> bool:
    """Whether a parameter of this name belongs to a classification head."""
    return f".{NAME}." in f".{name}"


def save_head(model: "nn.Module", folder: Path) -> None:
    """Write the head and its labels into the folder, where the model has one."""
    from safetensors.torch import save_file

    if (head := head_of(model)) is not None:
        tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in head.state_dict().items()}
        save_file(tensors, folder / FILE, metadata={"format": "pt", "labels": json.dumps(head.labels)})


def load_head(model: "nn.Module", folder: Path) -> None:
    """Put the head that the folder holds on the model; nothing where it holds none.

    Raises:
        RunError: the file is damaged, or its head is for a model of another width.
    """
    import torch
    from safetensors import SafetensorError, safe_open

    from workbench.methods.tuners.classification_head import ClassificationHead

    if not (folder / FILE).is_file():
        return
    output: Any = model.get_output_embeddings()  # type: ignore[operator]
    try:
        with safe_open(folder / FILE, "pt") as stored:
            labels = json.loads(stored.metadata()["labels"])
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 - it is no mapping
        head = ClassificationHead(tuple(map(str, labels)), output.weight.shape[1], torch.Generator())
        head.load_state_dict(tensors)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{folder / FILE} is damaged.", "Run again, or restore it from a copy.") from error
    except RuntimeError as error:
        hint = "Load it with the model that it was tuned from."
        raise RunError(f"The classification head in {folder} does not fit this base model.", hint) from error
    put_head(model, head.to(output.weight.device).requires_grad_(False))
