"""GLoRA: a frozen matrix is scaled and added to, and so is its bias."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.knobs import knob
from workbench.methods.beside import Beside, Shapes, module_of
from workbench.methods.rates import narrowed
from workbench.methods.targets import ALL_LINEAR, ROLES

LEARNING_RATE = 1e-2


@dataclass(frozen=True)
class GLoRA(Beside):
    """One formula with five learned supports, which has LoRA, (IA)3's scales, biases and a prompt's effect as cases.

    Formula: y = (W + W * A + B) x + b + b * D + E + W C, * elementwise; A, B and C are thin products or less, D and E
    vectors or numbers, all without effect at the start. A layer without a bias b has A and B alone.
    Paper: Chavan et al. 2023, arXiv:2306.07967, which also searches what suits each layer; here all are alike.
    """

    name: ClassVar[str] = "glora"
    title: ClassVar[str] = "GLoRA"
    plain: ClassVar[str] = "Scale a frozen matrix and add to it, and do the same to its bias."
    idea: ClassVar[str] = (
        "Ways of tuning differ in what they do to a layer: scale its matrix, add to it, move its bias or what flows "
        "in. One formula holds them all, and each part may be a thin product, a vector, a number or nothing."
    )
    formula: ClassVar[str] = "y = (W + W * A + B) x + b + b * D + E + W C, only A, B, C, D and E move"
    paper: ClassVar[str] = "Chavan et al. 2023, arXiv:2306.07967"
    when: ClassVar[str] = (
        "Use it to see which part of a layer a task wants to move: switch parts off and race them. With all parts it "
        "moves twice as many numbers as LoRA of the same rank."
    )
    finding: ClassVar[str] = (
        "On natural, specialised and structured tasks of pictures it did better than all earlier ways, with fewer "
        "parameters. "
        "LLaMA-1 and LLaMA-2 learned considerably more with it than with LoRA."
    )
    order: ClassVar[int] = 129
    peft_config: ClassVar[str] = "GloraConfig"
    words: ClassVar[dict[str, str]] = {
        "rank": "r",
        "matrix": "config_A_B",
        "inflow": "config_C",
        "bias": "config_D_E",
    }
    serves_transposed: ClassVar[bool] = False

    rank: int = knob(4, "rank of the thin products", low=1, high=4096)
    matrix: str = knob("lora", "what scales the matrix and is added to it", choices=("lora", "vector", "constant"))
    inflow: str = knob(
        "vector", "what is added to all that flows in, where the layer has a bias", choices=("lora", "vector", "none")
    )
    bias: str = knob("constant", "what scales the bias and is added to it", choices=("vector", "constant", "none"))
    targets: str = knob(ALL_LINEAR, "which layers are changed", choices=(*ROLES, ALL_LINEAR), several=True)

    def default_learning_rate(self, card: ModelCard) -> float:
        """As LoRA's; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def shapes(self, weight: Piece, inputs: int, outputs: int) -> Shapes:
        """What scales the matrix (A) and is added to it (B)."""
        return {
            **self._of("glora_A", self.matrix, outputs, inputs),
            **self._of("glora_B", self.matrix, outputs, inputs),
        }

    def shapes_in(self, weight: Piece, card: ModelCard) -> Shapes:
        """A and B, and where the layer has a bias what moves that: C over the inputs, D and E over the outputs."""
        shapes, (inputs, outputs) = super().shapes_in(weight, card), card.sizes(weight)
        if f"{module_of(weight)}.bias" not in {piece.name for piece in card.pieces}:
            return shapes
        inflow = self._of("glora_C", self.inflow, inputs, 1)
        numbers = {"vector": ((outputs,), "outputs"), "constant": ((1,), "1")}
        bias = {f"glora_{name}.X": numbers[self.bias] for name in "DE"} if self.bias in numbers else {}
        return {**shapes, **inflow, **bias}

    def also_kept(self, weights: list[Piece], card: ModelCard) -> int:
        """The zeros that PEFT writes down for whatever of C, D and E a layer does not have."""
        empty = 0
        for weight in weights:
            found, (inputs, outputs) = self.shapes_in(weight, card), card.sizes(weight)
            empty += 0 if any(name.startswith("glora_C") for name in found) else inputs
            empty += 0 if "glora_D.X" in found else 2 * outputs
        return empty

    def _of(self, name: str, kind: str, rows: int, columns: int) -> Shapes:
        """A thin product, a vector over the rows, one number or nothing."""
        match kind:
            case "lora":
                return {
                    f"{name}.Xd": ((rows, self.rank), "rows * rank"),
                    f"{name}.Xu": ((self.rank, columns), "rank * columns"),
                }
            case "vector":
                return {f"{name}.X": ((rows, 1), "rows")}
            case "constant":
                return {f"{name}.X": ((1,), "1")}
        return {}
