"""Pretrain a base model by its recipe, from random weights; stop and resume at any time."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import distributed

from workbench.pretraining.batches import batches
from workbench.pretraining.kinds import KINDS
from workbench.pretraining.kinds.contract import Part
from workbench.pretraining.recipe import Recipe
from workbench.tasks.contract import IGNORED

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True)
class Peers:
    """The processes that share a pretraining run: this one is number `rank` of `count`.

    Two processes of one thread each outrun one process of two threads at this size, and suffer less
    when something else needs a core.
    """

    rank: int = 0
    count: int = 1

    def meet(self, folder: Path) -> None:
        """Wait until all processes are there; they find each other through a file in `folder`."""
        if self.count > 1:
            folder.mkdir(parents=True, exist_ok=True)
            address = f"file://{(folder / 'peers').resolve()}"
            distributed.init_process_group("gloo", init_method=address, rank=self.rank, world_size=self.count)

    def share(self, parts: Sequence[Part]) -> list[Part]:
        """This process's parts of a batch; there and back, so that everyone has long rows and short ones."""
        turns = [*range(self.count), *reversed(range(self.count))]
        return [part for place, part in enumerate(parts) if turns[place % len(turns)] == self.rank]

    def add_up(self, model: torch.nn.Module, loss: torch.Tensor) -> float:
        """Replace every gradient by the sum over the processes; return the summed loss."""
        if self.count == 1:
            return loss.item()
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        flat = torch.cat([loss.reshape(1), *(gradient.flatten() for gradient in gradients)])
        distributed.all_reduce(flat)
        pieces = flat[1:].split([gradient.numel() for gradient in gradients])
        for gradient, piece in zip(gradients, pieces, strict=True):
            gradient.copy_(piece.view_as(gradient))
        return flat[0].item()


def read_tokenizer(recipe: Recipe, folder: Path) -> "PreTrainedTokenizerBase":
    """The pocket world's tokenizer in this folder, with the special tokens of the recipe's kind."""
    from transformers import AutoTokenizer

    return KINDS[recipe.kind]().tokenizer(AutoTokenizer.from_pretrained(folder))


def build_model(recipe: Recipe, tokenizer: "PreTrainedTokenizerBase") -> "PreTrainedModel":
    """The recipe's model, randomly started."""
    return KINDS[recipe.kind]().build(recipe, tokenizer)


def build_optimizers(recipe: Recipe, model: torch.nn.Module) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the blocks, AdamW for embeddings, norms and biases."""
    tables = {id(module.weight) for module in model.modules() if isinstance(module, torch.nn.Embedding)}
    matrices = [(name, p) for name, p in model.named_parameters() if p.ndim == 2 and id(p) not in tables]
    vectors = [p for p in model.parameters() if p.ndim < 2 or id(p) in tables]
    factors = [KINDS[recipe.kind].rate_factor(name, recipe) for name, _ in matrices]
    groups = [
        {"params": [p for (_, p), own in zip(matrices, factors, strict=True) if own == factor], "factor": factor}
        for factor in dict.fromkeys(factors)
    ]
    muon = torch.optim.Muon(groups, lr=recipe.matrix_rate, weight_decay=recipe.weight_decay)
    adam = torch.optim.AdamW(vectors, lr=recipe.vector_rate, betas=(0.9, 0.95), weight_decay=0.0, fused=True)
    return [muon, adam]


def rate_factor(recipe: Recipe, step: int) -> float:
    """The factor on both learning rates at a step: up, level, down to zero."""
    rising = (step + 1) / recipe.warmup_steps
    falling = (recipe.steps - step) / max(1, recipe.decay * recipe.steps)
    return min(1.0, rising, max(0.0, falling))


def pretrain(
    recipe: Recipe,
    tokenizer: "PreTrainedTokenizerBase",
    folder: Path,
    peers: Peers,
    save_every: int = 100,
    compiles: bool = True,
) -> Iterator[dict[str, float]]:
    """Train by the recipe; yield {step, loss, tokens, tokens_per_second} for every step.

    `folder` keeps the checkpoint: a second call goes on from it, with the same batches in the same order.
    Each of the `peers` computes a part of every batch; all of them hold the same weights.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = build_model(recipe, tokenizer).to(device)
    if device == "cpu":
        model.set_attn_implementation("eager")  # torch's own kernel is slower for rows as short as these
    optimizers = build_optimizers(recipe, model)
    first = load_checkpoint(folder, model, optimizers)
    summed_loss = partial(KINDS[recipe.kind]().summed_loss, model)
    if compiles:
        summed_loss = torch.compile(summed_loss, dynamic=True)
    for step, parts in enumerate(batches(recipe, tokenizer, first), first):
        if step >= recipe.steps:
            break
        began = time.perf_counter()
        tokens = sum(int((ids != tokenizer.pad_token_id).sum()) for ids, _ in parts)
        learned = sum(int((labels != IGNORED).sum()) for _, labels in parts)
        loss = torch.zeros((), device=device)
        for ids, labels in peers.share(parts):
            with torch.autocast(device, torch.bfloat16):
                part = summed_loss(ids.to(device), labels.to(device)) / learned
            part.backward()
            loss += part.detach()
        mean = peers.add_up(model, loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        set_rates(recipe, optimizers, rate_factor(recipe, step))
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        speed = tokens / (time.perf_counter() - began)
        yield {"step": step + 1, "loss": mean, "tokens": tokens, "tokens_per_second": speed}
        if peers.rank == 0 and ((step + 1) % save_every == 0 or step + 1 == recipe.steps):
            save_checkpoint(folder, recipe, step + 1, model, optimizers)


def set_rates(recipe: Recipe, optimizers: list[torch.optim.Optimizer], factor: float) -> None:
    """Set the rates of [Muon, AdamW]."""
    for optimizer, rate in zip(optimizers, (recipe.matrix_rate, recipe.vector_rate), strict=True):
        for group in optimizer.param_groups:
            group["lr"] = rate * factor * group.get("factor", 1.0)


def save_checkpoint(
    folder: Path, recipe: Recipe, step: int, model: torch.nn.Module, optimizers: list[torch.optim.Optimizer]
) -> None:
    """Write weights and optimizer states to `folder`/checkpoint.safetensors, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"model/{name}": value for name, value in model.named_parameters()}
    for place, optimizer in enumerate(optimizers):
        for index, state in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{place}/{index}/{key}": value for key, value in state.items()}
    metadata = {"step": str(step), "recipe": json.dumps(asdict(recipe))}
    save_file({name: value.detach().cpu() for name, value in tensors.items()}, folder / "new.safetensors", metadata)
    (folder / "new.safetensors").replace(folder / "checkpoint.safetensors")


def load_checkpoint(folder: Path, model: torch.nn.Module, optimizers: list[torch.optim.Optimizer]) -> int:
    """Put a checkpoint's state back in place; return the step it was made after, 0 without one.

    Without optimizers the weights alone are read.
    """
    path = folder / "checkpoint.safetensors"
    if not path.exists():
        return 0
    with safe_open(path, "pt") as file, torch.no_grad():
        parameters = dict(model.named_parameters())
        states: list[dict[int, dict[str, torch.Tensor]]] = [{} for _ in optimizers]
        for name in file.keys():  # noqa: SIM118 (safe_open is no mapping)
            kind, *rest = name.split("/")
            if kind == "model":
                parameters[rest[0]].copy_(file.get_tensor(name))
            elif optimizers:
                place, index, key = rest
                states[int(place)].setdefault(int(index), {})[key] = file.get_tensor(name)
        for optimizer, state in zip(optimizers, states, strict=True):
            optimizer.load_state_dict(optimizer.state_dict() | {"state": state})
        return int(file.metadata()["step"])
