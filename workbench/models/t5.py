"""The T5 family: encoder-decoders, those of the prompt tuning paper among them."""

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.models.contract import Family
from workbench.models.facts import Facts, linear, norm, table


class T5(Family):
    """T5 and T5 v1.1; blocks are numbered through, the encoder's first."""

    name: ClassVar[str] = "t5"
    title: ClassVar[str] = "T5"
    paper: ClassVar[str] = "Raffel et al. 2019, arXiv:1910.10683"
    model_types: ClassVar[tuple[str, ...]] = ("t5",)
    architectures: ClassVar[dict[str, str]] = {"t5": "T5ForConditionalGeneration"}
    order: ClassVar[int] = 60

    def card(self, config: dict[str, Any], name: str) -> ModelCard:
        """Shape and pieces; `tie_word_embeddings` false adds the head that transformers 5 leaves out."""
        facts = Facts(name, config)
        shape = _Shape.read(facts)
        encoders = facts.number("depth", "num_layers")
        decoders = facts.number("depth", "num_decoder_layers", default=encoders)
        vocabulary, tied = facts.number("vocabulary", "vocab_size"), facts.flag("tie_word_embeddings", True)
        pieces = table("shared", vocabulary, shape.width, "embedding")
        for number in range(encoders):
            pieces += _block(shape, "encoder", number, number)
        pieces += norm("encoder.final_layer_norm", shape.width, "encoder_norm", None, bias=False)
        for number in range(decoders):
            pieces += _block(shape, "decoder", number, encoders + number)
        pieces += norm("decoder.final_layer_norm", shape.width, "final_norm", None, bias=False)
        pieces += [] if tied else table("lm_head", vocabulary, shape.width, "output_head")
        return ModelCard(
            name=name,
            family=self.name,
            width=shape.width,
            depth=encoders + decoders,
            heads=shape.heads,
            key_value_heads=shape.heads,
            head_width=shape.head_width,
            feed_forward=shape.feed_forward,
            vocabulary=vocabulary,
            positions=facts.number("positions", "n_positions", default=512),
            tied=tied,
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
    head_width: int
    feed_forward: int
    buckets: int  # of relative positions
    gated: bool

    @staticmethod
    def read(facts: Facts) -> "_Shape":
        return _Shape(
            facts.number("width", "d_model"),
            facts.number("heads", "num_heads"),
            facts.number("width", "d_kv"),
            facts.number("width", "d_ff"),
            facts.number("width", "relative_attention_num_buckets", default=32),
            str(facts.config.get("feed_forward_proj", "relu")).startswith("gated"),
        )


def _block(shape: _Shape, side: str, number: int, block: int) -> list[Piece]:
    at = f"{side}.block.{number}.layer"
    pieces = _attention(shape, f"{at}.0.SelfAttention", block)
    if number == 0:  # the first block's relative positions serve all blocks of its side
        weight = f"{at}.0.SelfAttention.relative_attention_bias.weight"
        pieces.append(Piece(weight, (shape.buckets, shape.heads), "position_embedding", block))
    pieces += norm(f"{at}.0.layer_norm", shape.width, "attention_norm", block, bias=False)
    if side == "decoder":
        pieces += _attention(shape, f"{at}.1.EncDecAttention", block)
        pieces += norm(f"{at}.1.layer_norm", shape.width, "attention_norm", block, bias=False)
    last = f"{at}.{2 if side == 'decoder' else 1}"
    pieces += _feed_forward(shape, f"{last}.DenseReluDense", block)
    return pieces + norm(f"{last}.layer_norm", shape.width, "feed_forward_norm", block, bias=False)


def _attention(shape: _Shape, at: str, block: int) -> list[Piece]:
    inner = shape.heads * shape.head_width
    return [
        *linear(f"{at}.q", inner, shape.width, "attention_query", block, bias=False),
        *linear(f"{at}.k", inner, shape.width, "attention_key", block, bias=False),
        *linear(f"{at}.v", inner, shape.width, "attention_value", block, bias=False),
        *linear(f"{at}.o", shape.width, inner, "attention_output", block, bias=False),
    ]


def _feed_forward(shape: _Shape, at: str, block: int) -> list[Piece]:
    up = linear(f"{at}.wi", shape.feed_forward, shape.width, "feed_forward_up", block, bias=False)
    if shape.gated:
        up = linear(f"{at}.wi_0", shape.feed_forward, shape.width, "feed_forward_gate", block, bias=False)
        up += linear(f"{at}.wi_1", shape.feed_forward, shape.width, "feed_forward_up", block, bias=False)
    return up + linear(f"{at}.wo", shape.width, shape.feed_forward, "feed_forward_down", block, bias=False)
