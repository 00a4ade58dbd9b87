"""BOFT: what each matrix takes in is turned by a few sparse rotations, one after another."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.anatomy import Anatomy, Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.blocks import fitting_block
from workbench.methods.contract import Tuned
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

LEARNING_RATE = 3e-3
MOST = 8  # the paper's size for language models, table 2


@dataclass(frozen=True)
class BOFT(Beside):
    """Before a frozen matrix its inputs pass several rotations of small blocks, mixed in between as in the FFT.

    Formula: y = s * (W Bm ... B1 x), Bi = Pi^T diag(R1, R2, ...) Pi with small rotations R; all R = I, s = 1 at the
    start.
    Paper: Liu et al. 2023, arXiv:2311.06243.
    """

    name: ClassVar[str] = "boft"
    title: ClassVar[str] = "BOFT"
    plain: ClassVar[str] = "Turn what flows into each matrix, in a few rounds that mix more and more of it."
    idea: ClassVar[str] = (
        "OFT turns only neighbours together; here blocks of others are turned in a second round, as in the fast "
        "Fourier transform. So a few small blocks make one rotation that reaches far."
    )
    formula: ClassVar[str] = "y = s * (W Bm ... B1 x), each Bi made of small rotations, only these and s move"
    paper: ClassVar[str] = "Liu et al. 2023, arXiv:2311.06243"
    when: ClassVar[str] = (
        "Use it where OFT would do and fewer numbers must reach further. PEFT writes every rotation out in full, so it "
        "is slow and takes much memory: it is one for small models."
    )
    finding: ClassVar[str] = (
        "On GLUE DeBERTaV3 came to 89.9 with 0.75 million numbers, and with LoRA to 88.5 with 1.33 million. "
        "Llama-2-7B, tuned on instructions, answered 47.9 % of MMLU, with LoRA at best 47.3 %."
    )
    order: ClassVar[int] = 143
    peft_config: ClassVar[str] = "BOFTConfig"
    words: ClassVar[dict[str, str]] = {"block": "boft_block_size", "factors": "boft_n_butterfly_factor"}
    serves_transposed: ClassVar[bool] = False

    block: int = knob(0, f"inputs that are turned together; 0 takes the most up to {MOST} that fits", low=0, high=1024)
    factors: int = knob(2, "rounds, each of which doubles how far a rotation reaches", low=1, high=16)
    targets: str = knob(ALL_LINEAR, "which matrices' inputs are turned", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """Small angles add up over the rounds, so a third of LoRA's rate; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen, with the blocks of every round and a length for each output."""
        return Beside.anatomy(self._fitted(card), card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """A square for each block and round, of which the difference to its transpose counts; and s."""
        if self.block % 2 or inputs % (self.block * self.reach):
            allowed = f"0, or an even number that, times {self.reach}, divides {inputs}, the inputs of {weight.name}"
            raise SpecError("boft:block", self.block, allowed)
        return {
            "boft_R": ((self.factors, inputs // self.block, self.block, self.block), "factors * inputs * block"),
            "boft_s": ((outputs, 1), "outputs"),
        }

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """BOFT's part of the config."""
        return Beside.settings(self._fitted(card), weights, card)

    def apply(
        self,
        model: "PreTrainedModel",
        card: ModelCard,
        tokenizer: "PreTrainedTokenizerBase",
        generator: "torch.Generator",
    ) -> Tuned:
        """Wrap the model with PEFT's layers, which would be OFT's where no CUDA kernel can be compiled."""
        from workbench.methods.tuners.butterfly import install

        install()
        return super().apply(model, card, tokenizer, generator)

    @property
    def reach(self) -> int:
        """How many blocks the last round brings together."""
        return 1 << (self.factors - 1)

    def _fitted(self, card: ModelCard) -> "BOFT":
        """With a size for the blocks where none was given."""
        if self.block:
            return self
        inputs = [card.sizes(weight)[0] for weight in self.weights(card)]
        half = fitting_block(inputs, MOST // 2, 2 * self.reach)
        if not half:
            allowed = (
                f"a smaller number: 2 to the power of it has to divide {' and '.join(map(str, sorted(set(inputs))))}"
            )
            raise SpecError("boft:factors", self.factors, allowed)
        return replace(self, block=2 * half)
