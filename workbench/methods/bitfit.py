"""BitFit: tune the biases alone."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, Piece, thaw
from workbench.card import LINEAR_ROLES, ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.methods.rates import narrowed
from workbench.methods.weights import Place, base_in_place, release

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-1


@dataclass(frozen=True)
class BitFit(Method):
    """Only the additive vectors move: the biases of linear layers and of LayerNorms.

    Formula: y = W x + b, where b moves and W does not.
    Paper: Ben Zaken et al. 2021, arXiv:2106.10199.
    """

    name: ClassVar[str] = "bitfit"
    title: ClassVar[str] = "BitFit"
    plain: ClassVar[str] = "Only the biases move: about one weight in a thousand."
    idea: ClassVar[str] = (
        "Each layer adds a bias vector after its matrix; shifting those alone can turn what the model already knows "
        "towards a task. It needs a model that has biases, which most Llama-like models do not."
    )
    formula: ClassVar[str] = "y = W x + b, only b moves"
    paper: ClassVar[str] = "Ben Zaken et al. 2021, arXiv:2106.10199"
    when: ClassVar[str] = (
        "Use it when examples are few and each task may store next to nothing. The model must have biases: GPT-2, "
        "Pythia and OPT have them, most Llamas have not."
    )
    finding: ClassVar[str] = (
        "With small and middling data sets, BERT with nothing but its biases tuned, less than 0.1 % of its numbers, "
        "did as well as with all of them, and at times better. With much data full fine-tuning was ahead."
    )
    order: ClassVar[int] = 70
    taught: ClassVar[bool] = True

    add_missing: bool = knob(False, "give each linear layer of a block that has no bias one, zero at the start")

    def default_learning_rate(self, card: ModelCard) -> float:
        """Ten times full fine-tuning's rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card, encoder=3e-3, encoder_decoder=3e-2)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The biases are trained."""
        return Anatomy((*thaw(card.pieces, self._names(card)), *self._missing(card)))

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Clone the biases, or make them; all matrices stay shared."""
        movable, places = release(model, self._names(card))
        added = [_give_bias(model, piece) for piece in self._missing(card)]
        if added:
            movable = {name: p for name, p in model.named_parameters() if p.requires_grad}
        return Tuned(model, movable, partial(base_in_place, [*places, *added]))

    def _names(self, card: ModelCard) -> set[str]:
        names = {piece.name for piece in card.biases()}
        if not names and not self.add_missing:
            allowed = f"any method but bitfit for {card.name}, which has no biases"
            hint = "Try add_missing=true, lora or ia3, or a model with biases such as pocket-gpt."
            raise SpecError("method", "bitfit", allowed, hint)
        return names

    def _missing(self, card: ModelCard) -> list[Piece]:
        """The biases to be added, as many numbers each as the layer has outputs."""
        if not self.add_missing:
            return []
        present = {piece.name for piece in card.pieces}
        named = [(weight, weight.name.removesuffix("weight") + "bias") for weight in card.weights(*LINEAR_ROLES)]
        return [
            Piece(name, (card.sizes(weight)[1],), weight.role, weight.block, "added", "outputs")
            for weight, name in named
            if name not in present
        ]


def _give_bias(model: "PreTrainedModel", piece: Piece) -> Place:
    """Put a bias of zeros into the layer, which had none."""
    import torch
    from torch import nn

    module = model.get_submodule(piece.name.removesuffix(".bias"))
    module.bias = nn.Parameter(torch.zeros(piece.shape, device=model.device))
    return Place(module, "bias", None)
