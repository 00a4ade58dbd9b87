"""The BERT family: encoders, on which many published parameter counts were made."""

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.models.contract import Family
from workbench.models.facts import Facts, linear, norm, table


class Bert(Family):
    """BERT and RoBERTa with their heads for masked tokens.

    A config whose `architectures` says BertModel or RobertaModel is the bare encoder, for counting;
    `add_pooling_layer` false leaves its pooler out.
    """

    name: ClassVar[str] = "bert"
    title: ClassVar[str] = "BERT and RoBERTa"
    paper: ClassVar[str] = "Devlin et al. 2018, arXiv:1810.04805"
    model_types: ClassVar[tuple[str, ...]] = ("bert", "roberta")
    architectures: ClassVar[dict[str, str]] = {"bert": "BertForMaskedLM", "roberta": "RobertaForMaskedLM"}
    order: ClassVar[int] = 50

    def card(self, config: dict[str, Any], name: str) -> ModelCard:
        """Shape and pieces; a norm follows attention and feed-forward, there is none at the end."""
        facts = Facts(name, config)
        facts.refuse(("is_decoder", "add_cross_attention"), self.name)
        shape = _Shape.read(facts)
        depth = facts.number("depth", "num_hidden_layers")
        is_bare = "Model" in "".join(config.get("architectures") or ())
        at = "" if is_bare else f"{config['model_type']}."
        pieces = _embeddings(shape, f"{at}embeddings", shape.is_roberta and not is_bare)
        for block in range(depth):
            pieces += block_pieces(block, f"{at}encoder.layer.{block}", shape.width, shape.inner)
        if not is_bare:
            pieces += _head(shape)
        elif facts.flag("add_pooling_layer", True):
            pieces += linear("pooler.dense", shape.width, shape.width, "pooler", None, bias=True)
        return ModelCard(
            name=name,
            family=self.name,
            width=shape.width,
            depth=depth,
            heads=shape.heads,
            key_value_heads=shape.heads,
            head_width=facts.divided(shape.width, shape.heads, "attention heads"),
            feed_forward=shape.inner,
            vocabulary=shape.vocabulary,
            # RoBERTa's positions start behind its padding id, 1, so two rows never stand for a position.
            positions=shape.rows - 2 if shape.is_roberta else shape.rows,
            tied=True,
            pieces=tuple(pieces),
            config=config,
            kind="encoder",
            head="lm_head.decoder" if shape.is_roberta else "cls.predictions.decoder",
        )


@dataclass(frozen=True)
class _Shape:
    """Sizes of a config."""

    is_roberta: bool
    width: int
    heads: int
    inner: int
    vocabulary: int
    rows: int  # of the table of positions
    segments: int

    @staticmethod
    def read(facts: Facts) -> "_Shape":
        return _Shape(
            facts.config["model_type"] == "roberta",
            facts.number("width", "hidden_size"),
            facts.number("heads", "num_attention_heads"),
            facts.number("width", "intermediate_size"),
            facts.number("vocabulary", "vocab_size"),
            facts.number("positions", "max_position_embeddings", default=512),
            facts.number("vocabulary", "type_vocab_size", default=2),
        )


def _embeddings(shape: _Shape, at: str, positions_last: bool) -> list[Piece]:
    words = table(f"{at}.word_embeddings", shape.vocabulary, shape.width, "embedding")
    positions = table(f"{at}.position_embeddings", shape.rows, shape.width, "position_embedding")
    segments = table(f"{at}.token_type_embeddings", shape.segments, shape.width, "segment_embedding")
    norms = norm(f"{at}.LayerNorm", shape.width, "embedding_norm", None, bias=True)
    return [*words, *segments, *norms, *positions] if positions_last else [*words, *positions, *segments, *norms]


def _head(shape: _Shape) -> list[Piece]:
    """From the last hidden state to the vocabulary; the matrix itself is the embedding's."""
    at, dense, last = ("lm_head", "dense", "layer_norm") if shape.is_roberta else (
        "cls.predictions", "transform.dense", "transform.LayerNorm"
    )  # fmt: skip
    return [
        Piece(f"{at}.bias", (shape.vocabulary,), "output_head"),
        *linear(f"{at}.{dense}", shape.width, shape.width, "head_transform", None, bias=True),
        *norm(f"{at}.{last}", shape.width, "final_norm", None, bias=True),
    ]


def block_pieces(block: int, at: str, width: int, inner: int) -> list[Piece]:
    """The parameters of one of BERT's blocks, which lies at this place of its model."""
    return [
        *linear(f"{at}.attention.self.query", width, width, "attention_query", block, bias=True),
        *linear(f"{at}.attention.self.key", width, width, "attention_key", block, bias=True),
        *linear(f"{at}.attention.self.value", width, width, "attention_value", block, bias=True),
        *linear(f"{at}.attention.output.dense", width, width, "attention_output", block, bias=True),
        *norm(f"{at}.attention.output.LayerNorm", width, "attention_norm", block, bias=True),
        *linear(f"{at}.intermediate.dense", inner, width, "feed_forward_up", block, bias=True),
        *linear(f"{at}.output.dense", width, inner, "feed_forward_down", block, bias=True),
        *norm(f"{at}.output.LayerNorm", width, "feed_forward_norm", block, bias=True),
    ]
