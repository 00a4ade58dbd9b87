"""The mix-and-match adapter: a prefix in the attention, and a scaled adapter beside the feed-forward."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.adapter import Adapter
from workbench.methods.contract import Method, Tuned
from workbench.methods.peft_models import wrap
from workbench.methods.prefix import PrefixTuning
from workbench.methods.rates import narrowed
from workbench.methods.soft_prompts import check_prefix

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 3e-3


@dataclass(frozen=True)
class MixAndMatch(Method):
    """Attention finds a short learned prefix, and a small network stands beside each feed-forward.

    Formula: attention over [P_k; K], [P_v; V], P = MLP(E); y = feed_forward(x) + scale * up(nonlinearity(down(x))).
    Paper: He et al. 2021, arXiv:2110.04366, section 4.6.
    """

    name: ClassVar[str] = "mam"
    title: ClassVar[str] = "MAM adapter"
    plain: ClassVar[str] = "A few learned memories for the attention, and a small network beside each feed-forward."
    idea: ClassVar[str] = (
        "Attention needs few numbers to look elsewhere, so it gets a short prefix, and the feed-forward makes more of "
        "many, so it gets an adapter at its side. What the adapter adds is scaled up, which lets it learn faster."
    )
    formula: ClassVar[str] = (
        "attention over [P_k; K], [P_v; V]; y = feed_forward(x) + scale * up(nonlinearity(down(x)))"
    )
    paper: ClassVar[str] = "He et al. 2021, arXiv:2110.04366"
    when: ClassVar[str] = (
        "Use it where adapters alone fall short of full fine-tuning and the weights are to stay untouched. It cannot "
        "be added into the weights, and answers take a little longer."
    )
    finding: ClassVar[str] = (
        "With 6.7 % as many numbers as the model has it summarised and translated as well as full fine-tuning, with "
        "0.5 % it did so on MNLI and SST-2. Scaling the adapter alone brought 0.56 points of ROUGE-2."
    )
    order: ClassVar[int] = 92
    peft_config: ClassVar[str] = "PrefixTuningConfig"
    starts_at_base: ClassVar[bool] = False

    virtual_tokens: int = knob(10, "how many learned keys and values stand before the text", low=1, high=2048)
    width: int = knob(16, "numbers in the narrow middle of each adapter", low=1, high=16_384)
    scale: float = knob(
        4.0, "what an adapter adds is multiplied by this", low=0.001, high=1000.0
    )  # as in the paper's experiments on XSum
    nonlinearity: str = knob("relu", "what bends the signal in the middle", choices=("relu", "gelu", "silu", "tanh"))

    @property
    def prefix(self) -> PrefixTuning:
        """The half in the attention."""
        return PrefixTuning(virtual_tokens=self.virtual_tokens)

    @property
    def adapter(self) -> Adapter:
        """The half beside the feed-forward."""
        return Adapter(width=self.width, placement="parallel", nonlinearity=self.nonlinearity, scale=self.scale)

    def default_learning_rate(self, card: ModelCard) -> float:
        """One rate for both halves; lower in wider models."""
        return narrowed(LEARNING_RATE, card, encoder_decoder=1e-2)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen, with what both halves add."""
        check_prefix(self.virtual_tokens, card, self.name)
        prefix, adapter = self.prefix.anatomy(card), self.adapter.anatomy(card)
        network = [piece for piece in prefix.pieces if piece.state != "frozen"]
        return replace(prefix, pieces=(*adapter.pieces, *network), kept=adapter.added + (prefix.kept or 0))

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model with PEFT's prefix tuning, then put adapters into the same model."""
        self.anatomy(card)  # what does not fit is refused before PEFT meets it
        tuned = self.prefix.apply(model, card, tokenizer, generator)
        tuned.within = wrap(model, self.adapter.config(card), card, generator)
        tuned.movable = {name: weight for name, weight in tuned.model.named_parameters() if weight.requires_grad}
        tuned.without = partial(_both_left_out, tuned.without, tuned.within.disable_adapter)
        return tuned


@contextmanager
def _both_left_out(*halves: Callable[[], AbstractContextManager[object]]) -> Iterator[None]:
    """Within, the model is the base: no prefix and no adapter."""
    prefix, adapter = halves
    with prefix(), adapter():
        yield
