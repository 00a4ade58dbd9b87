"""The facts of a model that decide its shape, known from its config file without loading a weight."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from workbench.anatomy import Piece

ATTENTION_INPUTS = ("attention_query", "attention_key", "attention_value")
LINEAR_ROLES = (
    *ATTENTION_INPUTS,
    "attention_fused",
    "attention_output",
    "feed_forward_up",
    "feed_forward_gate",
    "feed_forward_down",
)

# How a model reads: each token after those before it; all tokens at once; all of a source, then a target one by one.
Kind = Literal["decoder", "encoder", "encoder_decoder"]

# A model below this gains little from a second core and much from a core of its own. Measured on two cores, pocket-gpt,
# batch 16: a second core makes one run 1.27 times as fast at best, and a second run beside it slows neither down.
LARGEST_ON_ONE_CORE = 50_000_000  # parameters


@dataclass(frozen=True)
class ModelCard:
    """A model's shape: sizes, the parameters it has (`pieces`), and which module plays which role.

    `pieces` carry the names of `model.named_parameters()` of the transformers class. A weight's role is
    one of `LINEAR_ROLES`, `attention_norm`, `feed_forward_norm`, `final_norm`, `embedding`,
    `position_embedding`, `output_head`; a bias has the role of its weight. Some families have more:
    `query_norm`, `key_norm`, `attention_output_norm`, `feed_forward_output_norm`, `embedding_norm`,
    `embedding_projection`, and encoders `segment_embedding`, `pooler`, `head_transform`, `encoder_norm`. Attention to
    a source (cross-attention) has the roles of the attention beside it; its norm is an `attention_norm`, too.
    """

    name: str
    family: str
    width: int  # of the residual stream
    depth: int  # blocks
    heads: int
    key_value_heads: int
    head_width: int
    feed_forward: int
    vocabulary: int
    positions: int  # longest input in tokens
    tied: bool  # output head shares the embedding's numbers
    pieces: tuple[Piece, ...]
    config: dict[str, Any]  # as in config.json
    bytes_per_weight: int = 4
    embedding_width: int = 0  # 0: as wide as the residual stream (OPT-350M's is narrower)
    transposed: bool = False  # weights stored (in, out), as GPT-2's Conv1D does
    kind: Kind = "decoder"
    head: str = "lm_head"  # the module that gives logits
    takes_prefix: bool = True  # its attention takes keys and values that were there before
    reading_depth: int = 0  # blocks of an encoder-decoder that read the source, counted in `depth`; the rest write
    passes: int = 1  # how often a text goes through each block; more than once where layers share one (ALBERT)
    labels: int = 0  # that a classification head chooses from in a run; 0: the model answers in words

    @property
    def parameters(self) -> int:
        """Numbers in the model, tied ones counted once."""
        return sum(piece.count for piece in self.pieces)

    @property
    def segments(self) -> int:
        """How many segments of an input have a vector of their own; 0 where there are none."""
        return next((piece.shape[0] for piece in self.pieces if piece.role == "segment_embedding"), 0)

    @property
    def writing_depth(self) -> int:
        """Blocks of a decoder or an encoder; of an encoder-decoder those that write."""
        return self.depth - self.reading_depth

    @property
    def key_value_width(self) -> int:
        """Width of one layer's keys, and of its values."""
        return self.key_value_heads * self.head_width

    def weights(self, *roles: str) -> list[Piece]:
        """The weight matrices of these roles; a fused matrix answers for each of query, key and value."""
        wanted = set(roles)
        if wanted & set(ATTENTION_INPUTS):
            wanted.add("attention_fused")
        return [p for p in self.pieces if p.role in wanted and p.name.endswith("weight")]

    def biases(self) -> list[Piece]:
        """All additive vectors: biases of linear layers and of LayerNorms."""
        return [piece for piece in self.pieces if piece.name.endswith("bias")]

    def modules(self, *roles: str) -> list[str]:
        """Names of the modules that hold the weights of these roles."""
        return [piece.name.removesuffix(".weight") for piece in self.weights(*roles)]

    def blocks(self, numbers: Iterable[int]) -> set[str]:
        """Names of all parameters in the blocks of these numbers (0 is nearest to the input)."""
        wanted = set(numbers)
        return {piece.name for piece in self.pieces if piece.block in wanted}

    def sizes(self, piece: Piece) -> tuple[int, int]:
        """(inputs, outputs) of a weight matrix, however the model stores it."""
        rows, columns = piece.shape
        return (rows, columns) if self.transposed and piece.role in LINEAR_ROLES else (columns, rows)
