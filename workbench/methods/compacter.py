"""Compacter: bottleneck adapters whose matrices are put together from tiny ones, most of them shared."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from workbench.anatomy import Anatomy, Piece
from workbench.card import ModelCard
from workbench.errors import SpecError
from workbench.knobs import knob
from workbench.methods.adapter import Adapter
from workbench.methods.beside import module_of
from workbench.methods.rates import narrowed

if TYPE_CHECKING:
    from workbench.methods.tuners.bottleneck import BottleneckConfig

LEARNING_RATE = 1e-2
PLACEMENTS = ("houlsby", "pfeiffer")


@dataclass(frozen=True)
class Compacter(Adapter):
    """An adapter's two matrices are sums of Kronecker products of a small shared matrix and a thin one of its own.

    Formula: y = h + up(nonlinearity(down(h))); the matrix of each is sum_i A_i kron (s_i t_i), i = 1..n. The n matrices
    A_i, n times n, are shared by all layers; s_i and t_i have few columns and rows. The A_i start next to zero.
    Paper: Karimi Mahabadi et al. 2021, arXiv:2106.04647; one per block is their Compacter++.
    """

    name: ClassVar[str] = "compacter"
    title: ClassVar[str] = "Compacter"
    plain: ClassVar[str] = "Like an adapter, but its matrices are built from tiny ones, some shared by all layers."
    idea: ClassVar[str] = (
        "An adapter's matrices hold more numbers than they need, and those of all layers are alike. So each is put "
        "together from small blocks: how blocks are arranged is learned once for the whole model, and only thin blocks "
        "belong to a layer."
    )
    formula: ClassVar[str] = "y = h + up(nonlinearity(down(h))), down and up = sum_i A_i kron (s_i t_i)"
    paper: ClassVar[str] = "Karimi Mahabadi et al. 2021, arXiv:2106.04647"
    when: ClassVar[str] = (
        "Use it where an adapter would do, but each of many tasks may store far less: about a tenth of it. It wants a "
        "higher learning rate than an adapter."
    )
    finding: ClassVar[str] = (
        "With 0.047 % of T5's parameters trained, it was on par with full fine-tuning on GLUE. On SuperGLUE and with "
        "few examples it was ahead."
    )
    order: ClassVar[int] = 81
    taught: ClassVar[bool] = False

    width: int = knob(16, "numbers in the narrow middle; a multiple of division", low=1, high=16_384)
    placement: str = knob(
        "houlsby", "after attention and feed-forward (houlsby), or after feed-forward (pfeiffer)", choices=PLACEMENTS
    )
    division: int = knob(4, "n: so many products are summed up, each with a shared n x n matrix", low=1, high=64)
    rank: int = knob(1, "columns of s and rows of t, a layer's own factors", low=1, high=1024)

    def default_learning_rate(self, card: ModelCard) -> float:
        """Above an adapter's, since products of small numbers have far to go; lower in wider models."""
        return narrowed(LEARNING_RATE, card)

    def anatomy(self, card: ModelCard) -> Anatomy:
        """The base frozen but for the norms asked for, thin factors behind each target, and the rules once."""
        whole = super().anatomy(card)
        first = f"{module_of(self._targets(card)[0])}.bottleneck_down.rules"  # they bear the first layer's name
        rules = Piece(first, (self.division,) * 3, "shared_rules", None, "added", "division * division * division")
        return replace(whole, pieces=(*whole.pieces, rules))

    def _pieces(self, weight: Piece, card: ModelCard) -> list[Piece]:
        _, outputs = card.sizes(weight)
        module = module_of(weight)
        return [
            *self._factors(weight, f"{module}.bottleneck_down", outputs, self.width, "width", "bottleneck"),
            *self._factors(weight, f"{module}.bottleneck_up", self.width, outputs, "bottleneck", "width"),
        ]

    def _factors(
        self, weight: Piece, at: str, inputs: int, outputs: int, reads: str, writes: str
    ) -> list[Piece]:  # of one layer
        n, rank = self.division, self.rank
        for field, size in (("width", self.width), ("division", max(inputs, outputs))):
            if size % n:
                allowed = f"a multiple of {n}" if field == "width" else f"a divisor of {size}"
                raise SpecError(f"compacter:{field}", getattr(self, field), f"{allowed} for {weight.name}")
        shapes: dict[str, tuple[tuple[int, ...], str]] = {
            "left": ((n, inputs // n, rank), f"{reads} * rank"),
            "right": ((n, rank, outputs // n), f"rank * {writes}"),
            "bias": ((outputs,), writes),
        }
        return [
            Piece(f"{at}.{part}", shape, weight.role, weight.block, "added", formula)
            for part, (shape, formula) in shapes.items()
        ]

    def config(self, card: ModelCard) -> "BottleneckConfig":
        """The adapter's settings, and how its matrices are made up."""
        config = super().config(card)
        config.division, config.rank = self.division, self.rank
        return config
