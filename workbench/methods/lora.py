"""LoRA: a low-rank change beside frozen matrices."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes, modules_of
from workbench.methods.contract import Tuned
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES
from workbench.methods.weights import Place, base_in_place

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from torch import nn
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-2


@dataclass(frozen=True)
class LoRA(Beside):
    """Each chosen matrix stays frozen, and the product of two thin ones is added to it.

    Formula: y = W x + (alpha / rank) B A x; A (rank, inputs) random, B (outputs, rank) zero at the start.
    Paper: Hu et al. 2021, arXiv:2106.09685. Rank-stabilised: arXiv:2312.03732; DoRA: arXiv:2402.09353;
    PiSSA: arXiv:2404.02948.
    """

    name: ClassVar[str] = "lora"
    title: ClassVar[str] = "LoRA"
    plain: ClassVar[str] = "Beside each frozen matrix two thin ones learn a small correction."
    idea: ClassVar[str] = (
        "What a task changes in a matrix has few independent directions, so the product of two thin matrices can "
        "hold it. Only those learn; in the end they can be added into the frozen matrix at no cost."
    )
    formula: ClassVar[str] = "y = W x + (alpha / rank) B A x, only A and B move"
    paper: ClassVar[str] = "Hu et al. 2021, arXiv:2106.09685"
    when: ClassVar[str] = (
        "Use it first when full fine-tuning is too large: it comes close with few numbers. Added into the weights in "
        "the end, it makes answers no slower."
    )
    finding: ClassVar[str] = (
        "Against tuning all of GPT-3 (175 billion parameters) with Adam it trained 10,000 times fewer parameters in a "
        "third of the memory. On RoBERTa, DeBERTa, GPT-2 and GPT-3 the quality was as good or better."
    )
    order: ClassVar[int] = 120
    taught: ClassVar[bool] = True
    peft_config: ClassVar[str] = "LoraConfig"
    words: ClassVar[dict[str, str]] = {
        "rank": "r",
        "alpha": "lora_alpha",
        "dropout": "lora_dropout",
        "rank_stabilised": "use_rslora",
        "dora": "use_dora",
    }
    notes: ClassVar[dict[str, str]] = {"init_lora_weights": "A and B start as the strongest directions of W"}

    rank: int = knob(8, "directions that the change of a matrix may have", low=1, high=4096)
    alpha: float = knob(16.0, "strength: the change is scaled by alpha / rank", low=0.001, high=100_000)
    dropout: float = knob(0.0, "fraction of the inputs of A that is left out in training", low=0.0, high=0.9)
    targets: str = knob(
        ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True
    )  # all: Dettmers et al. 2023, arXiv:2305.14314, section 4
    rank_stabilised: bool = knob(False, "scale by alpha / sqrt(rank), so that high ranks learn as fast (rsLoRA)")
    dora: bool = knob(False, "let the length of each row of W + B A move on its own (DoRA)")
    pissa: bool = knob(False, "start A and B as the strongest directions of W instead of at zero (PiSSA)")

    def default_learning_rate(self, card: ModelCard) -> float:
        """About ten times full fine-tuning's rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """A and B, and with DoRA a length for each row."""
        if self.pissa and self.rank > min(inputs, outputs):
            raise SpecError("lora:rank", self.rank, f"{min(inputs, outputs)} or less with pissa for {weight.name}")
        shapes: Shapes = {
            "lora_A.weight": ((self.rank, inputs), "rank * inputs"),
            "lora_B.weight": ((outputs, self.rank), "outputs * rank"),
        }
        return shapes | ({"lora_magnitude_vector.weight": ((outputs,), "outputs")} if self.dora else {})

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """LoRA's part of the config."""
        start = {"init_lora_weights": "pissa"} if self.pissa else {}
        return {**super().settings(weights, card), "fan_in_fan_out": card.transposed, **start}

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model with PEFT's LoRA; PiSSA's changed base weights are this run's own."""
        if not self.pissa:
            return super().apply(model, card, tokenizer, generator)
        kept = _make_own(model, modules_of(self.weights(card)))
        tuned = super().apply(model, card, tokenizer, generator)
        tuned.without = partial(_without_pissa, cast("PeftModel", tuned.model), kept)
        return tuned


def _make_own(model: "nn.Module", modules: list[str]) -> list[tuple[str, "nn.Parameter"]]:
    """Give the modules clones of their weights, which PiSSA overwrites; the base's own are returned."""
    from torch import nn

    kept = []
    for name in modules:
        module = model.get_submodule(name)
        weight: nn.Parameter = module.weight  # type: ignore[assignment]
        kept.append((name, nn.Parameter(weight.detach(), requires_grad=False)))
        module.weight = nn.Parameter(weight.detach().clone(), requires_grad=False)
    return kept


@contextmanager
def _without_pissa(wrapped: "PeftModel", kept: list[tuple[str, "nn.Parameter"]]) -> Iterator[None]:
    """Within, A and B are off and the base's own weights stand where PiSSA left what A and B do not hold.

    PEFT's own switch would leave the remainder there (W minus its strongest directions).
    """
    base = wrapped.get_base_model()
    places = [Place(base.get_submodule(name).get_base_layer(), "weight", weight) for name, weight in kept]  # type: ignore[operator]
    with wrapped.disable_adapter(), base_in_place(places):
        yield
