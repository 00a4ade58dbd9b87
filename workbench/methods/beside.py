"""Methods of PEFT's that put parameters beside chosen matrices, which stay frozen themselves."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.anatomy import Anatomy, Piece, frozen
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.methods.contract import Method, Tuned
from workbench.methods.peft_models import TASKS, config_class, tuned_by, wrap
from workbench.methods.targets import target_roles

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Shapes = dict[str, tuple[tuple[int, ...], str]]


class Beside(Method):
    """A method that is told by what stands beside a matrix and by PEFT's config; `targets` is one of its knobs.

    `words`: PEFT's name for each knob. `notes`: what other settings mean, by PEFT's name. `on_by_default`: PEFT's names
    of what is on where nothing is said.
    `serves_transposed`: PEFT's layer takes matrices that are stored as (inputs, outputs), as GPT-2's are.
    """

    words: ClassVar[dict[str, str]] = {}
    notes: ClassVar[dict[str, str]] = {}
    on_by_default: ClassVar[frozenset[str]] = frozenset()
    serves_transposed: ClassVar[bool] = True
    targets: str

    @abstractmethod
    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """What is put beside one matrix: shape and formula by PEFT's name for it.

        Raises:
            SpecError: a knob does not fit a matrix of this size.
        """

    def shapes_in(self, weight: Piece, card: ModelCard) -> Shapes:
        """The same for a matrix of this model, where more than its sizes counts."""
        return self.shapes(weight, *card.sizes(weight))

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """What PEFT's config says beside the names of the modules: the knobs in PEFT's words, if nothing else."""
        return {word: getattr(self, knob) for knob, word in self.words.items()}

    def shared(self, weights: list[Piece], card: ModelCard) -> tuple[Piece, ...]:
        """What all matrices share, put into the model once."""
        return ()

    def also_kept(self, weights: list[Piece], card: ModelCard) -> int:
        """Numbers that the artifact holds beside those that move."""
        return 0

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen, with the method's own parameters beside each target."""
        weights = self.weights(card)
        added = [piece for weight in weights for piece in self._pieces(weight, card)]
        pieces = (*frozen(card.pieces), *self.shared(weights, card), *added)
        learned = sum(piece.count for piece in pieces if piece.state != "frozen")
        return Anatomy(pieces, learned + self.also_kept(weights, card))

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model with PEFT's layers."""
        self.anatomy(card)  # a knob that does not fit is refused before PEFT meets it
        weights = self.weights(card)
        kind = config_class(self.peft_config, self.title)
        settings = self.settings(weights, card)
        config = kind(task_type=TASKS[card.kind], target_modules=modules_of(weights), **settings)
        return tuned_by(wrap(model, config, card, generator))

    def weights(self, card: ModelCard) -> list[Piece]:
        """The matrices that the knob `targets` means.

        Raises:
            SpecError: the model has none of them, or stores them as this method cannot use them.
        """
        if card.transposed and not self.serves_transposed:
            allowed = "a model that stores its matrices as (outputs, inputs), as Llama, GPT-NeoX and OPT do"
            raise SpecError(f"the model for {self.name}", card.name, allowed, "PEFT's layer knows no other kind.")
        return card.weights(*target_roles(self.targets, card, f"{self.name}:targets"))

    def _pieces(self, weight: Piece, card: ModelCard) -> list[Piece]:
        module = module_of(weight)
        return [
            Piece(f"{module}.{part}", shape, weight.role, weight.block, "added", formula)
            for part, (shape, formula) in self.shapes_in(weight, card).items()
        ]


def module_of(weight: Piece) -> str:
    """The name of the module that holds a matrix."""
    return weight.name.removesuffix(".weight")


def modules_of(weights: list[Piece]) -> list[str]:
    """The names of the modules that hold these matrices."""
    return [module_of(weight) for weight in weights]
