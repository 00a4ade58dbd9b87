"""LongLoRA: LoRA with embeddings and norms, under attention that is cut into groups while it trains."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, thaw
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.methods.lora import LoRA
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES
from workbench.methods.weights import Place, base_in_place, release

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 1e-2
EMBEDDINGS = ("embedding", "position_embedding")


@dataclass(frozen=True)
class LongLoRA(Method):
    """LoRA beside the attention's matrices and trained embeddings and norms, learned under sparse attention.

    Formula: y = W x + (alpha / rank) B A x; in training each token attends within its group alone, in half of the heads
    the groups are shifted by half a group. At rest attention is whole.
    Paper: Chen et al. 2023, arXiv:2309.12307, sections 3.2 and 3.3.
    """

    name: ClassVar[str] = "longlora"
    title: ClassVar[str] = "LongLoRA"
    plain: ClassVar[str] = "LoRA that also moves embeddings and norms, and looks at pieces of the text while it learns."
    idea: ClassVar[str] = (
        "Training on long texts costs most in the attention, so each token looks within its own group only, and in "
        "half of the heads the groups lie across the borders of the others. Embeddings and norms move beside LoRA, "
        "without which it would not learn to read longer texts."
    )
    formula: ClassVar[str] = "y = W x + (alpha / rank) B A x, embeddings and norms move; attention within groups"
    paper: ClassVar[str] = "Chen et al. 2023, arXiv:2309.12307"
    when: ClassVar[str] = (
        "Use it to teach a model to read texts longer than those it was trained on. On short texts plain LoRA does "
        "better with far fewer numbers."
    )
    finding: ClassVar[str] = (
        "It took Llama 2 of 7 billion parameters from 4,096 to 100,000 tokens on one machine of eight A100 GPUs. LoRA "
        "alone stayed well behind full fine-tuning there, however high its rank."
    )
    order: ClassVar[int] = 126
    peft_config: ClassVar[str] = "LoraConfig"

    rank: int = knob(8, "directions that the change of a matrix may have", low=1, high=4096)
    alpha: float = knob(16.0, "strength: the change is scaled by alpha / rank", low=0.001, high=100_000)
    targets: str = knob(
        "query+key+value+output", "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True
    )
    group: int = knob(16, "tokens of a group; the paper takes a quarter of the longest text", low=2, high=1_000_000)

    @property
    def lora(self) -> LoRA:
        """The part beside the matrices."""
        return LoRA(rank=self.rank, alpha=self.alpha, targets=self.targets)

    def default_learning_rate(self, card: ModelCard) -> float:
        """One rate for LoRA, embeddings and norms; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """LoRA's, in which embeddings and norms are trained."""
        self._check(card)
        anatomy = self.lora.anatomy(card)
        return replace(anatomy, pieces=thaw(anatomy.pieces, self.names(card)), kept=None)

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Clone embeddings and norms, wrap the model with PEFT's LoRA, and cut its attention into groups."""
        from workbench.methods.tuners.shifted import attend_in_groups_of

        self._check(card)
        moved, places = release(model, self.names(card))
        attend_in_groups_of(model, self.group)
        tuned = self.lora.apply(model, card, tokenizer, generator)
        for weight in moved.values():
            weight.requires_grad_(True)  # PEFT froze all that is not its own
        tuned.movable = {name: weight for name, weight in tuned.model.named_parameters() if weight.requires_grad}
        tuned.moved = moved
        tuned.without = partial(_base, tuned.without, places)
        return tuned

    def names(self, card: ModelCard) -> set[str]:
        """The weights that move beside LoRA: embeddings and norms."""
        return {piece.name for piece in card.pieces if piece.role in EMBEDDINGS or piece.role.endswith("_norm")}

    def _check(self, card: ModelCard) -> None:
        is_capped = card.config.get("model_type") == "gemma2" or card.config.get("attn_logit_softcapping")
        if card.kind != "decoder" or is_capped or card.heads < 2:
            allowed = "a decoder with two or more heads whose attention scores are not capped"
            raise SpecError("the model for longlora", card.name, allowed, "Try lora.")


@contextmanager
def _base(lora_off: Callable[[], AbstractContextManager[object]], places: Collection[Place]) -> Iterator[None]:
    """Within, A and B are off and the base's own embeddings and norms stand in their places."""
    with lora_off(), base_in_place(places):
        yield
