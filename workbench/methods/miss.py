"""MiSS: all shards of a matrix are changed by the same small one."""

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 1e-2


@dataclass(frozen=True)
class MiSS(Beside):
    """A frozen matrix is cut into shards of `rank` inputs, and to each of them the same learned shard is added.

    Formula: y = W x + D (x1 + x2 + ...), x1, x2, ... the inputs cut into pieces of length rank; D zero at the start.
    Paper: Kang and Yin 2024, arXiv:2409.15371; first called Bone, then DiSHA.
    """

    name: ClassVar[str] = "miss"
    title: ClassVar[str] = "MiSS"
    plain: ClassVar[str] = "Cut each matrix into strips and add the same learned strip to all of them."
    idea: ClassVar[str] = (
        "A strip that is repeated across a matrix is a change of low rank, as LoRA's is, but needs no second matrix. "
        "It starts at zero and learns from the first step, and adding up the pieces of the input costs next to nothing."
    )
    formula: ClassVar[str] = "y = W x + D (x1 + x2 + ...), x cut into pieces of length rank, only D moves"
    paper: ClassVar[str] = "Kang and Yin 2024, arXiv:2409.15371"
    when: ClassVar[str] = (
        "Use it in place of LoRA when training time and memory count: it has one matrix in place of two. The number of "
        "directions is still limited by the rank."
    )
    finding: ClassVar[str] = (
        "Llama-2-7B solved 48.2 % of GSM8K's school problems with it and 40.8 % with LoRA, with about as many numbers "
        "(87 and 90 million). On GLUE, RoBERTa-base came to 86.4 on average, and to 84.3 with LoRA."
    )
    order: ClassVar[int] = 145
    peft_config: ClassVar[str] = "MissConfig"
    words: ClassVar[dict[str, str]] = {"rank": "r", "columns": "mini_r"}
    notes: ClassVar[dict[str, str]] = {"init_weights": "which form of MiSS; all of them start at zero"}
    serves_transposed: ClassVar[bool] = False

    rank: int = knob(16, "inputs in a piece, which is also the most directions of a change", low=1, high=4096)
    columns: int = knob(0, "so many outputs only get numbers of their own, the others repeat them; 0: all", low=0)
    bat: bool = knob(False, "multiply each shard with what is learned as well, D + W D; the sizes must divide")
    targets: str = knob(ALL_LINEAR, "which matrices are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """As LoRA's; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """The one shard that all share, or with `bat` a square one for each row of shards."""
        self._check(weight, inputs, outputs)
        if self.bat:
            return {"miss_block": ((outputs // self.rank, self.rank, self.rank), "outputs / rank * rank * rank")}
        if self.columns:
            return {"miss_block": ((self.rank, self.columns), "rank * columns")}
        return {"miss_block": ((self.rank, outputs), "rank * outputs")}

    def settings(self, weights: list[Piece], card: ModelCard) -> dict[str, Any]:
        """MiSS's part of the config."""
        if self.bat:
            return {"r": self.rank, "init_weights": "bat"}
        return {**super().settings(weights, card), "init_weights": "mini"} if self.columns else {"r": self.rank}

    def _check(self, weight: Piece, inputs: int, outputs: int) -> None:
        if self.rank > inputs:
            raise SpecError("miss:rank", self.rank, f"{inputs} or less for {weight.name}")
        if self.bat and (inputs % self.rank or outputs % self.rank):
            allowed = f"a number that divides {inputs} and {outputs}, the sizes of {weight.name}, with bat"
            raise SpecError("miss:rank", self.rank, allowed)
        if self.columns and self.bat:
            raise SpecError("miss:columns", self.columns, "0 with bat", "Choose one of the two.")
        if self.columns and outputs % self.columns:
            allowed = f"0, or a number that divides {outputs}, the outputs of {weight.name}"
            raise SpecError("miss:columns", self.columns, allowed)
