"""LN tuning: only the norms between the layers move."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, thaw
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.methods.rates import narrowed
from workbench.methods.weights import base_in_place, release

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 3e-2
ALL = "all"
ROLES = {"attention": "attention_norm", "feed_forward": "feed_forward_norm", "final": "final_norm"}


@dataclass(frozen=True)
class LNTuning(Method):
    """Scales (and shifts, where there are any) of the normalisation layers move; all matrices stay frozen.

    Formula: y = g * x / rms(x), or y = g * (x - mean(x)) / deviation(x) + b; only g and b move.
    Paper: Zhao et al. 2023, arXiv:2312.11420.
    """

    name: ClassVar[str] = "ln_tuning"
    title: ClassVar[str] = "LN tuning"
    plain: ClassVar[str] = "Learn only how loud each signal is where a block normalises them."
    idea: ClassVar[str] = (
        "Before each layer a norm brings all signals to one size and then makes each louder or quieter by a number of "
        "its own. These numbers reach everything that follows, so moving them alone can turn a model to a new kind of "
        "text."
    )
    formula: ClassVar[str] = "y = g * norm(x) + b, only g and b move"
    paper: ClassVar[str] = "Zhao et al. 2023, arXiv:2312.11420"
    when: ClassVar[str] = (
        "Use it when a task may store next to nothing; unlike BitFit it needs no biases in the matrices. It wants a "
        "high learning rate, so look at what is forgotten."
    )
    finding: ClassVar[str] = (
        "Language models of 13 billion parameters, taught to read pictures, did over 20 % better on average of five "
        "tasks than with LoRA. 41.9 % fewer parameters moved, in 17.6 % less memory."
    )
    order: ClassVar[int] = 131

    norms: str = knob(
        ALL,
        "which norms move: before attention, before the feed-forward, the last",
        choices=(*ROLES, ALL),
        several=True,
    )

    def default_learning_rate(self, card: ModelCard) -> float:
        """A number for each signal bears a high rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The numbers of the norms are trained."""
        return Anatomy(thaw(card.pieces, set(self.names(card))))

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Clone the norms' numbers; PEFT would wrap each norm, and warns of RMSNorm as of a layer it does not know."""
        movable, places = release(model, self.names(card))
        return Tuned(model, movable, partial(base_in_place, places))

    def names(self, card: ModelCard) -> list[str]:
        """The names of the numbers that move: scales and shifts of the norms that the knob means.

        Raises:
            SpecError: the model has none of one kind.
        """
        chosen = self.norms.split("+")
        if ALL in chosen:
            return [piece.name for piece in card.pieces if piece.role.endswith("_norm")]
        present = {piece.role for piece in card.pieces}
        for name in chosen:
            if ROLES[name] not in present:
                allowed = " + ".join(name for name, role in ROLES.items() if role in present)
                raise SpecError("ln_tuning:norms", self.norms, f"{allowed} for {card.name}, or {ALL}")
        wanted = {ROLES[name] for name in chosen}
        return [piece.name for piece in card.pieces if piece.role in wanted]
