"""Tuning in a random subspace: all weights move, but only along few random directions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, Piece, frozen
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.computed import ComputedWeights
from workbench.methods.contract import Method, Tuned
from workbench.methods.rates import narrowed
from workbench.methods.weights import freeze

if TYPE_CHECKING:
    import torch
    from torch import nn
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from workbench.methods.tuners.subspace import Subspace

LEARNING_RATE = 1e-1
PLACE = "intrinsic"  # of the subspace in the model
SEED = f"{PLACE}.seed"


@dataclass(frozen=True)
class IntrinsicDimension(Method):
    """A short vector moves; a random projection that never moves turns it into a change of all weights.

    Formula: W = W0 + lambda_l (P theta)_W; P = H G Pi H B (Fastfood) with columns of length one; theta starts at zero,
    the factor lambda_l of each block l, and of what stands outside the blocks, at one.
    Paper: Aghajanyan et al. 2020 (SAID), arXiv:2012.13255; without the factors: Li et al. 2018, arXiv:1804.08838.
    """

    name: ClassVar[str] = "intrinsic"
    title: ClassVar[str] = "Intrinsic dimension"
    plain: ClassVar[str] = "All weights move together, along a few random directions; how far along each is learned."
    idea: ClassVar[str] = (
        "If a task can be learned along a few hundred random directions, learning it needs few numbers, however many "
        "weights the model has. So this is a way to tune and a measure of how hard a task is for a model."
    )
    formula: ClassVar[str] = "W = W0 + lambda_l (P theta)_W, P random; only theta and one lambda a layer move"
    paper: ClassVar[str] = "Aghajanyan et al. 2020, arXiv:2012.13255"
    when: ClassVar[str] = (
        "Use it to find out how few numbers a task needs: make the dimension smaller until the loss suffers. It saves "
        "storage, not memory, since each step computes all weights anew."
    )
    finding: ClassVar[str] = (
        "With 200 numbers, projected at random into all weights, RoBERTa reached 90 % of what full fine-tuning reaches "
        "on MRPC. The longer models are pretrained, and the larger they are, the fewer numbers they need."
    )
    order: ClassVar[int] = 165

    dimension: int = knob(5000, "numbers that are learned, the factors among them", low=1, high=10_000_000)
    structure: bool = knob(True, "learn a factor for each block and one for what is outside (SAID)")

    def default_learning_rate(self, card: ModelCard) -> float:
        """Each number moves all weights by a little, so it bears a high rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen; the vector and the factors. The artifact holds the seed of the projection, too."""
        factors = len({group_of(piece.name) for piece in card.pieces}) if self.structure else 0
        if self.dimension <= factors:
            allowed = f"more than {factors}, the factors of {card.name}"
            raise SpecError("intrinsic:dimension", self.dimension, allowed, "Or do without: structure=false.")
        theta = Piece(f"{PLACE}.theta", (self.dimension - factors,), "subspace", None, "added", "dimension - factors")
        factor = Piece(f"{PLACE}.factors", (factors,), "layer_factors", None, "added", "blocks + 1")
        pieces = (*frozen(card.pieces), theta, *([factor] if factors else []))
        # The weights, their gradients, and the projection's random numbers: one, a fourth and one a weight.
        return Anatomy(pieces, kept=self.dimension + 1, computed=card.parameters * 17 // 4)

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Draw the projection, and let every layer work with the base's weights plus their changes."""
        import torch

        self.anatomy(card)  # a dimension that is too small is refused
        freeze(model)
        base = dict(model.named_parameters())
        subspace = self._subspace(base, int(torch.randint(2**62, (), generator=generator)))
        computed = ComputedWeights(model, lambda: _moved(base, subspace), tuple(subspace.parameters()))
        computed.install(base)
        model.add_module(PLACE, subspace.to(model.device))
        movable = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
        return Tuned(
            model,
            movable,
            computed.switched_off,
            weights=computed.settled,
            kept=lambda: {**movable, SEED: torch.tensor([subspace.seed])},
        )

    def rebuild(
        self, base: "Mapping[str, nn.Parameter]", held: "Mapping[str, torch.Tensor]"
    ) -> "dict[str, torch.Tensor]":
        """All weights: the projection is drawn anew from its seed."""
        import torch

        subspace = self._subspace(base, int(held[SEED]))
        own = {name.removeprefix(f"{PLACE}."): tensor for name, tensor in held.items() if name != SEED}
        subspace.load_state_dict(own)
        with torch.no_grad():
            return _moved(base, subspace.to(next(iter(base.values())).device))

    def _subspace(self, base: "Mapping[str, nn.Parameter]", seed: int) -> "Subspace":
        from workbench.methods.tuners.subspace import Subspace

        groups = {name: group_of(name) for name in base} if self.structure else {}
        shapes = {name: parameter.shape for name, parameter in base.items()}
        return Subspace(shapes, groups, self.dimension - len(set(groups.values())), seed)


def group_of(name: str) -> str:
    """The block that a weight belongs to, as model.layers.3, or an empty text outside of the blocks."""
    words = name.split(".")
    number = next((place for place, word in enumerate(words) if word.isdigit()), -1)
    return ".".join(words[: number + 1])


def _moved(base: "Mapping[str, nn.Parameter]", subspace: "Subspace") -> "dict[str, torch.Tensor]":
    return {name: base[name] + change for name, change in subspace.changes().items()}
