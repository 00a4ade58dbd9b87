"""(IA)3: learned scales on keys, values and the feed-forward's inner activations."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, Piece, frozen
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.methods.peft_models import tuned_by, wrap
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES, target_roles

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-1
SCALED_INPUT = "feed_forward_down"  # its input is the inner activation that the paper scales


@dataclass(frozen=True)
class IA3(Method):
    """One number for each output of a layer makes it louder or quieter; all matrices stay frozen.

    Formula: y = l * (W x) for keys and values, y = W (l * x) for the feed-forward's way down; l starts at 1.
    Paper: Liu et al. 2022, arXiv:2205.05638.
    """

    name: ClassVar[str] = "ia3"
    title: ClassVar[str] = "(IA)3"
    plain: ClassVar[str] = "Learn only how loud each signal is: one number per channel."
    idea: ClassVar[str] = (
        "Instead of changing matrices, scale what flows between them: keys, values and the feed-forward's signals. "
        "The scales start at one, and few methods learn fewer numbers."
    )
    formula: ClassVar[str] = "y = l * (W x), only l moves, l = 1 at the start"
    paper: ClassVar[str] = "Liu et al. 2022, arXiv:2205.05638"
    when: ClassVar[str] = (
        "Use it when a few dozen examples are all there is, and a task may store next to nothing. It wants a high "
        "learning rate, so look at what is forgotten."
    )
    finding: ClassVar[str] = (
        "T-Few, made of it and the model T0, was the first to do better than people on RAFT, tasks that it had never "
        "met, and 6 points better than the best model before. It was more exact and far cheaper than examples in a "
        "prompt."
    )
    order: ClassVar[int] = 130

    targets: str = knob(
        "key+value+down", "which layers are scaled", choices=(*ROLES, ALL_LINEAR), several=True
    )  # the paper's three, equation in section 3.3

    def default_learning_rate(self, card: ModelCard) -> float:
        """A single number per channel bears a high rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen, with one vector at each target."""
        added = [_vector(weight, card) for weight in self._weights(card)]
        return Anatomy((*frozen(card.pieces), *added))

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model with PEFT's IA3."""
        from peft import IA3Config

        weights = self._weights(card)
        config = IA3Config(
            task_type="CAUSAL_LM",
            target_modules=[_module(weight) for weight in weights],
            feedforward_modules=[_module(weight) for weight in weights if weight.role == SCALED_INPUT],
            fan_in_fan_out=card.transposed,
        )
        return tuned_by(wrap(model, config, card, generator))

    def _weights(self, card: ModelCard) -> list[Piece]:
        return card.weights(*target_roles(self.targets, card, "ia3:targets"))


def _module(weight: Piece) -> str:
    return weight.name.removesuffix(".weight")


def _vector(weight: Piece, card: ModelCard) -> Piece:
    """The scale of one layer: a row over its inputs, or a column over its outputs."""
    inputs, outputs = card.sizes(weight)
    is_input = weight.role == SCALED_INPUT
    shape = (1, inputs) if is_input else (outputs, 1)
    formula = "inputs" if is_input else "outputs"
    return Piece(f"{_module(weight)}.ia3_l", shape, weight.role, weight.block, "added", formula)
