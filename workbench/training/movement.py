"""How far each part of the model moved."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import torch

from workbench.anatomy import Anatomy, Piece, canonical_names
from workbench.methods.contract import Tuned


class Movement:
    """How far each part of a model moved: ||dW|| / ||W||, Frobenius norms over all its weights.

    Parts are "embedding", "block 0" ..., "head" and what a method puts outside the blocks (its role,
    "prefix" say). W are the weights of the base in that part; where it has none, the method's own start.
    dW of a LoRA pair is its effective change, scale * (B A - B0 A0). Where weights of the base are computed
    anew, dW is what is added to them. Of other added weights (adapters, IA3, prompts, DoRA) dW is the change of those
    weights themselves.
    """

    def __init__(self, tuned: Tuned, anatomy: Anatomy, base: Mapping[str, torch.Tensor]) -> None:
        names = canonical_names(name for name, _ in tuned.model.named_parameters())
        self.moving = tuned.weights or (lambda: tuned.movable)
        moving = self.moving()
        pieces = {piece.name: piece for piece in anatomy.pieces}
        self.parts = {name: part_of(pieces.get(names.get(name, name)), name) for name in moving}
        self.movable = tuned.movable
        self.pairs = dict(_lora_pairs(tuned))
        self.start = {name: _start(parameter, base.get(names.get(name, name))) for name, parameter in moving.items()}
        self.norms = self._norms(anatomy, base, names)

    def now(self) -> dict[str, float]:
        """The movement of every part that can move, in the order of the model."""
        squares: dict[str, list[torch.Tensor]] = {part: [] for part in dict.fromkeys(self.parts.values())}
        in_pairs = {name for pair in self.pairs for name in pair}
        with torch.no_grad():
            for name, parameter in self.moving().items():
                if name not in in_pairs:
                    squares[self.parts[name]].append(_square(parameter - self.start[name]))
            for (down, up), scale in self.pairs.items():
                squares[self.parts[up]].append(self._pair_square(down, up, scale))
            sums = torch.stack([torch.stack(part).sum() for part in squares.values()]).tolist() if squares else []
        return {part: math.sqrt(max(0.0, total)) / self.norms[part] for part, total in zip(squares, sums, strict=True)}

    def _pair_square(self, down: str, up: str, scale: float) -> torch.Tensor:
        """||scale (B A - B0 A0)||^2 from matrices of the rank's size: ||L R||^2 = sum(L'L * RR')."""
        left = torch.cat([self.movable[up], -self.start[up]], dim=1).double()  # (outputs, 2 rank)
        right = torch.cat([self.movable[down], self.start[down]]).double()  # (2 rank, inputs)
        return scale**2 * ((left.T @ left) * (right @ right.T)).sum()

    def _norms(self, anatomy: Anatomy, base: Mapping[str, torch.Tensor], names: Mapping[str, str]) -> dict[str, float]:
        """||W|| of each part; a weight that starts anew (a model from scratch) counts as it starts."""
        weights: dict[str, list[torch.Tensor]] = {}
        own = {names.get(name, name): name for name in self.start}
        for piece in anatomy.pieces:
            if piece.name in base:
                weight = self.start[own[piece.name]] if piece.name in own else base[piece.name]
                weights.setdefault(part_of(piece, piece.name), []).append(_square(weight))
        for part in set(self.parts.values()) - set(weights):
            weights[part] = [_square(self.start[name]) for name, at in self.parts.items() if at == part]
        return {part: math.sqrt(float(torch.stack(squares).sum())) or 1.0 for part, squares in weights.items()}


def part_of(piece: Piece | None, name: str) -> str:
    """The part of the model in which a movement is told."""
    if piece is None:
        return name
    if piece.block is not None:
        return f"block {piece.block}"
    outside = {"position_embedding": "embedding", "final_norm": "head", "output_head": "head"}
    return outside.get(piece.role, piece.role)


def _start(parameter: torch.Tensor, base: torch.Tensor | None) -> torch.Tensor:
    """The weight as it starts: the base's own where it is the same, which costs no memory, else a copy."""
    if base is not None and base.shape == parameter.shape and torch.equal(base, parameter):
        return base
    return parameter.detach().clone()


def _square(tensor: torch.Tensor) -> torch.Tensor:
    norm: torch.Tensor = torch.linalg.vector_norm(tensor.detach().float())
    return norm.double().square()


def _lora_pairs(tuned: Tuned) -> Iterator[tuple[tuple[str, str], float]]:
    """((name of A, name of B), scale) of every LoRA pair whose change is just added (unlike DoRA's or AdaLoRA's)."""
    for name in tuned.movable:
        owner, found, adapter = name.partition(".lora_A.")
        if not found:
            continue
        up = f"{owner}.lora_B.{adapter}"
        between = (f"{owner}.lora_magnitude_vector", f"{owner}.lora_E")  # what else decides the change
        rescaled = any(other.startswith(between) for other in tuned.movable)
        if up in tuned.movable and not rescaled:
            module: Any = tuned.model.get_submodule(owner)
            yield (name, up), float(module.scaling[adapter.partition(".")[0]])
