"""AdaMix: several adapters at each place, a random one in each step, their average in the end."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, Piece
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.adapter import PLACEMENTS, Adapter
from workbench.methods.contract import Method, Tuned
from workbench.methods.peft_models import tuned_by, wrap
from workbench.methods.rates import narrowed
from workbench.methods.regular import Regular

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 3e-3


@dataclass(frozen=True)
class AdaMix(Method):
    """Each pass goes through adapters drawn at random, and in the end one adapter is left: their average.

    Formula: y = h + up_j(nonlinearity(down_i(h))), i and j drawn anew for each place and pass; loss(A) + consistency *
    (KL(A || B) + KL(B || A)) / 2 for the answers A and B of two passes; at rest down and up are means over all i, j.
    Paper: Wang et al. 2022, arXiv:2205.12410, sections 3.1 to 3.4.
    """

    name: ClassVar[str] = "adamix"
    title: ClassVar[str] = "AdaMix"
    plain: ClassVar[str] = "Several adapters at each place learn in turns, drawn at random; their average is kept."
    idea: ClassVar[str] = (
        "Each step trains adapters that are drawn at random, so all learn the same task from different examples, and "
        "two draws have to give the same answer. In the end their weights are averaged into one adapter."
    )
    formula: ClassVar[str] = "y = h + up(nonlinearity(down_i(h))), i at random; + (KL(A || B) + KL(B || A)) / 2"
    paper: ClassVar[str] = "Wang et al. 2022, arXiv:2205.12410"
    when: ClassVar[str] = (
        "Use it to get more out of adapters of a given size where training time matters less: each step takes two "
        "passes. What is kept is as small and as fast as one adapter."
    )
    finding: ClassVar[str] = (
        "Tuning 0.1 to 0.2 % of the numbers, it was better than other methods of this kind and than full fine-tuning "
        "on tasks of understanding and of writing."
    )
    order: ClassVar[int] = 82
    peft_config: ClassVar[str] = "BottleneckConfig"

    adapters: int = knob(4, "adapters at each place, of which each pass takes one at random", low=2, high=64)
    width: int = knob(16, "numbers in the narrow middle of each", low=1, high=16_384)
    placement: str = knob(
        "pfeiffer",
        "after attention and feed-forward (houlsby), after feed-forward (pfeiffer), or beside it (parallel)",
        choices=tuple(PLACEMENTS),
    )
    nonlinearity: str = knob("relu", "what bends the signal in the middle", choices=("relu", "gelu", "silu", "tanh"))
    share_up: bool = knob(True, "let the adapters of a place have the layer in common that widens again")
    consistency: float = knob(
        1.0, "weight of how far the answers of two draws differ; 0 saves the second pass", low=0.0
    )

    @property
    def adapter(self) -> Adapter:
        """What is left in the end."""
        return Adapter(width=self.width, placement=self.placement, nonlinearity=self.nonlinearity)

    def default_learning_rate(self, card: ModelCard) -> float:
        """An adapter's rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card, encoder_decoder=1e-2)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen, with several adapters behind each target; one is kept."""
        alone = self.adapter.anatomy(card)
        pieces = tuple(copy for piece in alone.pieces for copy in self._copies(piece))
        told = f"Of the {self.adapters} adapters at each place the average is kept."
        return Anatomy(pieces, alone.added, (told,), passes=2 if self.consistency else 1)

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model with the project's own PEFT tuner, and ask for answers that agree."""
        config = self.adapter.config(card)
        config.mixture, config.share_up = self.adapters, self.share_up
        tuned = tuned_by(wrap(model, config, card, generator))
        if self.consistency:
            tuned.regular = Regular(consistency=self.consistency)
        return tuned

    def _copies(self, piece: Piece) -> Iterator[Piece]:
        """What stands for one piece of an adapter while it trains."""
        module, _, slot = piece.name.rpartition(".")
        mixes = module.endswith("bottleneck_down") or (module.endswith("bottleneck_up") and not self.share_up)
        if not mixes:
            yield piece
            return
        for number in range(self.adapters):
            yield replace(piece, name=f"{module}.{number}.{slot}", state="reparameterised")
