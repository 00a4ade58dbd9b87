"""The bottleneck adapter: a small network put into every block."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, Piece, thaw
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.contract import Method, Tuned
from workbench.methods.peft_models import TASKS, tuned_by, wrap
from workbench.methods.rates import narrowed

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from workbench.methods.tuners.bottleneck import BottleneckConfig

LEARNING_RATE = 3e-3
OUTPUTS = {  # layers that an adapter stands behind, and the norm of the same sublayer
    "attention_output": "attention_norm",
    "feed_forward_down": "feed_forward_norm",
}
PLACEMENTS = {
    "houlsby": ("attention_output", "feed_forward_down"),
    "pfeiffer": ("feed_forward_down",),
    "parallel": ("feed_forward_down",),
}


@dataclass(frozen=True)
class Adapter(Method):
    """Small networks with a narrow middle are put into the frozen blocks.

    Formula: y = h + up(nonlinearity(down(h))); up starts at zero, so that y = h at first. A parallel adapter
    reads what its sublayer reads: y = h + up(nonlinearity(down(x))). What an adapter adds may be scaled.
    Paper: Houlsby et al. 2019, arXiv:1902.00751; one per block: Pfeiffer et al. 2020, arXiv:2005.00247;
    parallel: He et al. 2021, arXiv:2110.04366.
    """

    name: ClassVar[str] = "adapter"
    title: ClassVar[str] = "Adapter"
    plain: ClassVar[str] = "Small new networks stand between the frozen layers and learn the task."
    idea: ClassVar[str] = (
        "A small network with a narrow middle is put behind the layers of each block, and it alone learns. "
        "It starts out doing nothing, so training begins at the pretrained model."
    )
    formula: ClassVar[str] = "y = h + up(nonlinearity(down(h))), only up and down move"
    paper: ClassVar[str] = "Houlsby et al. 2019, arXiv:1902.00751"
    when: ClassVar[str] = (
        "Use it when one model serves many tasks and each may keep a small file. Answers take a little longer, since "
        "the new networks stay where they are."
    )
    finding: ClassVar[str] = (
        "On the tasks of GLUE, BERT with adapters came within 0.4 % of full fine-tuning, and each task added 3.6 % as "
        "many parameters as the model has."
    )
    order: ClassVar[int] = 80
    taught: ClassVar[bool] = True
    peft_config: ClassVar[str] = "BottleneckConfig"

    width: int = knob(16, "numbers in the narrow middle", low=1, high=16_384)
    placement: str = knob(
        "houlsby",
        "after attention and feed-forward (houlsby), after feed-forward (pfeiffer), or beside it (parallel)",
        choices=tuple(PLACEMENTS),
    )
    nonlinearity: str = knob("relu", "what bends the signal in the middle", choices=("relu", "gelu", "silu", "tanh"))
    layer_norm: bool = knob(False, "train the LayerNorm of each adapter's sublayer too")
    scale: float = knob(1.0, "what an adapter adds is multiplied by this", low=0.001, high=1000.0)

    def default_learning_rate(self, card: ModelCard) -> float:
        """About five times full fine-tuning's rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card, encoder_decoder=1e-2)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen but for the norms asked for, with down and up behind each target."""
        added = [piece for weight in self._targets(card) for piece in self._pieces(weight, card)]
        norms = {piece.name for piece in self._norms(card)}
        return Anatomy((*thaw(card.pieces, norms), *added))

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model with the project's own PEFT tuner."""
        return tuned_by(wrap(model, self.config(card), card, generator))

    def config(self, card: ModelCard) -> "BottleneckConfig":
        """The settings of the project's own PEFT tuner."""
        from workbench.methods.tuners.bottleneck import BottleneckConfig

        targets = card.modules(*PLACEMENTS[self.placement])
        inputs = card.modules("feed_forward_up") if self.placement == "parallel" else []
        return BottleneckConfig(
            task_type=TASKS[card.kind],
            width=self.width,
            nonlinearity=self.nonlinearity,
            scale=self.scale,
            target_modules=targets,
            input_modules=dict(zip(targets, inputs, strict=True)) if inputs else {},
            norm_modules=sorted({piece.name.rpartition(".")[0] for piece in self._norms(card)}),
        )

    def _targets(self, card: ModelCard) -> list[Piece]:
        return card.weights(*PLACEMENTS[self.placement])

    def _norms(self, card: ModelCard) -> list[Piece]:
        """Weights and biases of the norms that move: one norm for each adapter."""
        if not self.layer_norm:
            return []
        roles = {OUTPUTS[role] for role in PLACEMENTS[self.placement]}
        norms = [piece for piece in card.pieces if piece.role in roles]
        if not norms:
            raise SpecError(f"{self.name}:layer_norm", True, f"false for {card.name}, whose norms have no weights")
        return norms

    def _pieces(self, weight: Piece, card: ModelCard) -> list[Piece]:
        _, outputs = card.sizes(weight)
        module = weight.name.removesuffix(".weight")
        shapes: dict[str, tuple[tuple[int, ...], str]] = {
            "down.weight": ((self.width, outputs), "bottleneck * width"),
            "down.bias": ((self.width,), "bottleneck"),
            "up.weight": ((outputs, self.width), "width * bottleneck"),
            "up.bias": ((outputs,), "width"),
        }
        return [
            Piece(f"{module}.bottleneck_{part}", shape, weight.role, weight.block, "added", formula)
            for part, (shape, formula) in shapes.items()
        ]
