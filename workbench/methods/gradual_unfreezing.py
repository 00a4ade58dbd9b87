"""Gradual unfreezing: from the top down, lower layers later and more gently."""

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, Piece, thaw
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.methods.rates import narrowed
from workbench.methods.weights import base_in_place, release

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-2
EMBEDDING_ROLES = ("embedding", "position_embedding", "segment_embedding", "embedding_norm", "embedding_projection")


@dataclass
class ThawingModel(Tuned):
    """A tuned model whose parameters thaw group by group; `groups` hold their names, the top one first."""

    groups: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class GradualUnfreezing(Method):
    """The top block and the output move first; one group of layers after the other joins them.

    Formula: rate of layer l = rate / factor^(layers above l); layer l moves from its stage on.
    Paper: Howard and Ruder 2018 (ULMFiT), arXiv:1801.06146, sections 3.2 and 3.3.
    """

    name: ClassVar[str] = "gradual_unfreezing"
    title: ClassVar[str] = "Gradual unfreezing"
    plain: ClassVar[str] = "The top moves first, lower layers join later and take smaller steps."
    idea: ClassVar[str] = (
        "Layers thaw from the top down, so that general knowledge in the lower ones is not washed away at the start. "
        "Each layer takes smaller steps than the one above it; the paper adds a rate that rises fast and falls slowly."
    )
    formula: ClassVar[str] = "rate(l) = rate / factor^(layers above l), from the stage of l on"
    paper: ClassVar[str] = "Howard and Ruder 2018 (ULMFiT), arXiv:1801.06146"
    when: ClassVar[str] = (
        "Use it when examples are few and full fine-tuning spoils what the lower layers know. It saves no memory: in "
        "the end everything moves."
    )
    finding: ClassVar[str] = (
        "ULMFiT, of which this is a part, made 18 to 24 % fewer errors than the best known models on three of six data "
        "sets, 2 to 8 % fewer on the others. With 100 labelled film reviews it did as well as training from scratch on "
        "10 times as many."
    )
    order: ClassVar[int] = 60
    taught: ClassVar[bool] = True

    discriminative: float = knob(2.6, "how much smaller the steps are one layer further down", low=1.0, high=100.0)
    stages: int = knob(0, "steps of the thaw; 0 takes one for every block and one for the embedding", low=0, high=1025)
    thawed_at: float = knob(0.5, "fraction of the training after which everything moves", low=0.0, high=1.0)

    def default_learning_rate(self, card: ModelCard) -> float:
        """Rate of the top layer, as in full fine-tuning; use the budget's `slanted` schedule for the paper's."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """Every piece is trained in the end."""
        pieces = thaw(card.pieces, {piece.name for piece in card.pieces})
        note = f"Thaws in {len(self._stages(card))} stages from the top; budget schedule 'slanted' is the paper's."
        return Anatomy(pieces, notes=(note,))

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Clone every weight, set the rate of each layer, and let the top stage move."""
        movable, places = release(model, [name for name, _ in model.named_parameters()])
        rates = {
            name: self.discriminative**-above for above, group in enumerate(_layers(card)) for name in group if above
        }
        tuned = ThawingModel(model, movable, partial(base_in_place, places), rates, groups=self._stages(card))
        self.on_progress(tuned, 0.0)
        return tuned

    def on_progress(self, tuned: Tuned, done: float) -> None:
        """Thaw the stages whose time has come; the first moves from the start, the last from `thawed_at` on."""
        if not isinstance(tuned, ThawingModel):
            raise TypeError("gradual unfreezing goes on with what its own apply returned")
        last = len(tuned.groups) - 1
        reached = last if done >= self.thawed_at else int(done / self.thawed_at * last)
        for number, group in enumerate(tuned.groups):
            for name in set(group) & set(tuned.movable):  # beside a classification head the output head stays as it is
                tuned.movable[name].requires_grad_(number <= reached)

    def _stages(self, card: ModelCard) -> tuple[tuple[str, ...], ...]:
        """The layers, joined into as many stages as asked for, each nearly as many layers."""
        layers = _layers(card)
        count = min(self.stages or len(layers), len(layers))
        bounds = [round(number * len(layers) / count) for number in range(count + 1)]
        return tuple(tuple(name for layer in layers[start:end] for name in layer) for start, end in pairwise(bounds))


def _layers(card: ModelCard) -> list[tuple[str, ...]]:
    """Parameter names layer by layer from the top: head, final norm and top block; ...; embeddings."""
    layers: list[list[str]] = [[] for _ in range(card.depth + 1)]
    for piece in card.pieces:
        layers[_layers_above(piece, card)].append(piece.name)
    return [tuple(layer) for layer in layers]


def _layers_above(piece: Piece, card: ModelCard) -> int:
    if piece.block is not None:
        return card.depth - 1 - piece.block
    return card.depth if piece.role in EMBEDDING_ROLES else 0
