"""BART: encoder-decoders with biases, which learned to mend spoiled texts."""

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.errors import ModelError
from workbench.models.contract import Family
from workbench.models.facts import Facts, linear, norm, table

RESERVED = 2  # rows of the table of positions that never stand for one


class Bart(Family):
    """BART; blocks are numbered through, the encoder's first. Both sides have to have blocks of one shape."""

    name: ClassVar[str] = "bart"
    title: ClassVar[str] = "BART"
    paper: ClassVar[str] = "Lewis et al. 2019, arXiv:1910.13461"
    model_types: ClassVar[tuple[str, ...]] = ("bart",)
    architectures: ClassVar[dict[str, str]] = {"bart": "BartForConditionalGeneration"}
    order: ClassVar[int] = 62

    def card(self, config: dict[str, Any], name: str) -> ModelCard:
        """Shape and pieces; norms follow attention and feed-forward."""
        facts = Facts(name, config)
        shape = _Shape.read(facts)
        encoders, decoders = facts.number("depth", "encoder_layers"), facts.number("depth", "decoder_layers")
        vocabulary = facts.number("vocabulary", "vocab_size")
        positions = facts.number("positions", "max_position_embeddings", default=1024)
        pieces = table("model.shared", vocabulary, shape.width, "embedding")
        for side, first, count in (("encoder", 0, encoders), ("decoder", encoders, decoders)):
            at, rows = f"model.{side}", positions + RESERVED
            pieces += table(f"{at}.embed_positions", rows, shape.width, "position_embedding")
            for number in range(count):
                pieces += _block(shape, side, number, first + number)
            pieces += norm(f"{at}.layernorm_embedding", shape.width, "embedding_norm", None, bias=True)
        return ModelCard(
            name=name,
            family=self.name,
            width=shape.width,
            depth=encoders + decoders,
            heads=shape.heads,
            key_value_heads=shape.heads,
            head_width=facts.divided(shape.width, shape.heads, "attention heads"),
            feed_forward=shape.feed_forward,
            vocabulary=vocabulary,
            positions=positions,
            tied=True,
            pieces=tuple(pieces),
            config=config,
            kind="encoder_decoder",
            reading_depth=encoders,
        )


@dataclass(frozen=True)
class _Shape:
    """Sizes that every block shares."""

    width: int
    heads: int
    feed_forward: int

    @staticmethod
    def read(facts: Facts) -> "_Shape":
        sizes = []
        for kind, field in (("heads", "attention_heads"), ("width", "ffn_dim")):
            sides = [facts.number(kind, f"{side}_{field}") for side in ("encoder", "decoder")]
            if sides[0] != sides[1]:
                told = f"{field} in config.json is {sides[0]} for the encoder and {sides[1]} for the decoder"
                raise ModelError(f"{facts.name}: {told}, which the bart family does not serve.")
            sizes.append(sides[0])
        return _Shape(facts.number("width", "d_model"), *sizes)


def _block(shape: _Shape, side: str, number: int, block: int) -> list[Piece]:
    at, width = f"model.{side}.layers.{number}", shape.width
    pieces = _attention(f"{at}.self_attn", width, block)
    pieces += norm(f"{at}.self_attn_layer_norm", width, "attention_norm", block, bias=True)
    if side == "decoder":
        pieces += _attention(f"{at}.encoder_attn", width, block)
        pieces += norm(f"{at}.encoder_attn_layer_norm", width, "attention_norm", block, bias=True)
    pieces += linear(f"{at}.fc1", shape.feed_forward, width, "feed_forward_up", block, bias=True)
    pieces += linear(f"{at}.fc2", width, shape.feed_forward, "feed_forward_down", block, bias=True)
    return pieces + norm(f"{at}.final_layer_norm", width, "feed_forward_norm", block, bias=True)


def _attention(at: str, width: int, block: int) -> list[Piece]:
    return [
        *linear(f"{at}.k_proj", width, width, "attention_key", block, bias=True),
        *linear(f"{at}.v_proj", width, width, "attention_value", block, bias=True),
        *linear(f"{at}.q_proj", width, width, "attention_query", block, bias=True),
        *linear(f"{at}.out_proj", width, width, "attention_output", block, bias=True),
    ]
