"""Diff pruning: a sparse difference from the base is learned, and where it is not zero is learned too."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, Piece, frozen
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.computed import ComputedWeights
from workbench.methods.contract import Method, Tuned
from workbench.methods.rates import narrowed
from workbench.methods.weights import freeze

if TYPE_CHECKING:
    import torch
    from torch import nn
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from workbench.methods.gates import Difference

LEARNING_RATE = 3e-2
# Times the rate of the entries: a gate has to go from 5 to below 0 to close, in half of the training. After 60 steps on
# describe (pocket-gpt, rate 3e-2, one run each) the loss was 1.30 with 30 and 1.53 with 10.
GATES_FASTER = 30.0
ENTRIES, GATES, WHOLE = "diff", "gates", "gate"  # behind the name of a weight


@dataclass(frozen=True)
class DiffPruning(Method):
    """Each weight has a difference from the base behind a gate; gates are pushed to close, the largest entries stay.

    Formula: W = W0 + z * w, z = clip(3 sigmoid(alpha + noise) - 1.5, 0, 1); added to the loss: penalty times the share
    of z that is expected not to be zero. Then the largest z * w stay, move on, and all others are zero.
    Paper: Guo, Rush and Kim 2020, arXiv:2012.07463; the gates: Louizos et al. 2017, arXiv:1712.01312.
    """

    name: ClassVar[str] = "diff_pruning"
    title: ClassVar[str] = "Diff pruning"
    plain: ClassVar[str] = "Training finds out which few of all the model's numbers should move, and moves those."
    idea: ClassVar[str] = (
        "Each number of the model gets a difference with a gate before it, and gates that do not help are pushed to "
        "close. What is stored for a task is the few differences that stay, and where they belong."
    )
    formula: ClassVar[str] = "W = W0 + z * w, z in [0, 1], loss + penalty share(z > 0); the largest z * w stay"
    paper: ClassVar[str] = "Guo, Rush and Kim 2020, arXiv:2012.07463"
    when: ClassVar[str] = (
        "Use it when what is stored for a task must be tiny and may be anywhere in the model. Training takes more than "
        "twice the memory of full fine-tuning, since each number has a gate as well."
    )
    finding: ClassVar[str] = (
        "With 0.5 % of BERT's numbers changed for each task it did as well on GLUE as full fine-tuning. Tasks may come "
        "one after the other, since none needs to know the others."
    )
    order: ClassVar[int] = 159

    density: float = knob(0.005, "share of all numbers that may differ from the base in the end", low=1e-6, high=1.0)
    penalty: float = knob(40.0, "added to the loss if all gates are open, in nats; less with each that closes", low=0.0)
    structured: bool = knob(True, "give each matrix and each bias a gate as a whole, too")
    pruned_at: float = knob(0.5, "fraction of the training after which only the largest stay", low=0.0, high=1.0)

    def default_learning_rate(self, card: ModelCard) -> float:
        """Above full fine-tuning's, since few numbers do all the work; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen, with a difference and gates for each weight; the artifact holds what stays, and where."""
        number = self.number(card.parameters)
        pieces = [added for piece in card.pieces for added in self._pieces(piece)]
        note = f"Of {card.parameters:,} differences {number:,} stay; the file has each and its place."
        # The weights, their gradients, and what leads from the gates' parameters to the gates.
        return Anatomy((*frozen(card.pieces), *pieces), 2 * number, (note,), computed=5 * card.parameters)

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Give each weight its difference and gates, and let every layer work with both."""
        from workbench.methods.gates import Gated, changed, largest, penalty

        freeze(model)
        base = dict(model.named_parameters())
        tuned = Gated(model, {}, model.eval)
        computed = ComputedWeights(model, partial(changed, tuned), ())
        computed.install(base)
        tuned.differences = tuple(self._differences(model, base))
        tuned.movable = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
        tuned.rates = {name: GATES_FASTER for name in tuned.movable if not name.endswith(f"_{ENTRIES}")}
        computed.decided_by = tuple(tuned.movable.values())
        number = self.number(card.parameters)
        tuned.without, tuned.weights = computed.switched_off, computed.settled
        tuned.penalty = partial(penalty, tuned, self.penalty)
        tuned.kept = lambda: dict(zip(("values", "places"), largest(tuned, number), strict=True))
        return tuned

    def on_progress(self, tuned: Tuned, done: float) -> None:
        """Once the time has come, keep the largest differences and no others."""
        from workbench.methods.gates import Gated, prune

        if not isinstance(tuned, Gated):
            raise TypeError("diff pruning goes on with what its own apply returned")
        if done >= self.pruned_at and not tuned.is_pruned:
            prune(tuned, self.number(sum(difference.entries.numel() for difference in tuned.differences)))

    def rebuild(
        self, base: "Mapping[str, nn.Parameter]", held: "Mapping[str, torch.Tensor]"
    ) -> "dict[str, torch.Tensor]":
        """The weights that differ from the base's."""
        from workbench.methods.gates import placed

        return placed(base, held["values"], held["places"])

    def number(self, parameters: int) -> int:
        """How many entries stay."""
        return max(1, round(self.density * parameters))

    def _pieces(self, piece: Piece) -> Iterator[Piece]:
        shapes = {ENTRIES: (piece.shape, piece.formula), GATES: (piece.shape, piece.formula), WHOLE: ((1,), "1")}
        for ending, (shape, formula) in shapes.items():
            if ending != WHOLE or self.structured:
                yield Piece(f"{piece.name}_{ending}", shape, piece.role, piece.block, "reparameterised", formula)

    def _differences(self, model: "PreTrainedModel", base: "Mapping[str, nn.Parameter]") -> "Iterator[Difference]":
        """Put the parameters of each difference into the module that has the weight."""
        import torch
        from torch import nn

        from workbench.methods.gates import OPEN, Difference

        for name, weight in base.items():
            path, _, slot = name.rpartition(".")
            starts = {ENTRIES: torch.zeros_like(weight), GATES: torch.full_like(weight, OPEN)}
            if self.structured:
                starts[WHOLE] = torch.full((1,), OPEN, device=weight.device)
            own = {ending: nn.Parameter(start.float()) for ending, start in starts.items()}
            for ending, parameter in own.items():
                model.get_submodule(path).register_parameter(f"{slot}_{ending}", parameter)
            yield Difference(name, weight, own[ENTRIES], own[GATES], own.get(WHOLE))
