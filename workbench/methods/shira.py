"""SHiRA: a small random share of a matrix's own entries moves."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.contract import Tuned
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 3e-2
PLACES_SEED = 0  # which entries move is the same in every run; PEFT fixes none by default


@dataclass(frozen=True)
class SHiRA(Beside):
    """Entries at random places of each chosen matrix move, and all others stay as they are.

    Formula: y = (W + S) x; S zero but for rank * (inputs + outputs) entries at random places, which start at zero.
    Paper: Bhardwaj et al. 2024, arXiv:2406.13175.
    """

    name: ClassVar[str] = "shira"
    title: ClassVar[str] = "SHiRA"
    plain: ClassVar[str] = "A few of each matrix's own numbers, picked at random, move; the rest stays."
    idea: ClassVar[str] = (
        "A change of few entries can still have full rank, unlike LoRA's. And two such changes hardly touch each "
        "other, so several can be put into a model at once or swapped fast."
    )
    formula: ClassVar[str] = "y = (W + S) x, only the few entries of the sparse matrix S move"
    paper: ClassVar[str] = "Bhardwaj et al. 2024, arXiv:2406.13175"
    when: ClassVar[str] = (
        "Use it when changes are swapped often or put together in one model. Its file is three times LoRA's, since it "
        "says where each number belongs."
    )
    finding: ClassVar[str] = (
        "Moving 1 to 2 % of a model's weights did much better than LoRA, with language models and with models that "
        "draw. Several changes at once spoiled each other less than LoRA's."
    )
    order: ClassVar[int] = 158
    peft_config: ClassVar[str] = "ShiraConfig"
    words: ClassVar[dict[str, str]] = {"rank": "r"}
    notes: ClassVar[dict[str, str]] = {"random_seed": "the seed of the places"}
    serves_transposed: ClassVar[bool] = False

    rank: int = knob(8, "as many numbers move as LoRA of this rank has", low=1, high=4096)
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """Above full fine-tuning's, since few entries do all the work; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """The entries of one matrix that move."""
        count, most = self.rank * (inputs + outputs), inputs * outputs // (inputs + outputs)
        if self.rank > most:
            raise SpecError("shira:rank", self.rank, f"{most} or less for {weight.name}")
        return {"shira_weight": ((count,), "rank * (inputs + outputs)")}

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """SHiRA's part of the config."""
        return {**super().settings(weights, card), "random_seed": PLACES_SEED}

    def also_kept(self, weights: list[Piece], card: ModelCard) -> int:
        """Row and column of each entry."""
        return sum(2 * self.rank * sum(card.sizes(weight)) for weight in weights)

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model with PEFT's layers; torch warns unless it is told not to check PEFT's sparse matrices."""
        import torch

        torch.sparse.check_sparse_tensor_invariants.disable()  # type: ignore[no-untyped-call]
        return super().apply(model, card, tokenizer, generator)
