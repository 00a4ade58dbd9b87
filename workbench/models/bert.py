"""The BERT family, for counting only: encoders on which many published parameter counts were made."""

from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.models.contract import Family
from workbench.models.facts import Facts, linear, norm, table


class Bert(Family):
    """BERT and RoBERTa as encoders, without a head; `add_pooling_layer` false leaves the pooler out."""

    name: ClassVar[str] = "bert"
    title: ClassVar[str] = "BERT and RoBERTa (counting only)"
    paper: ClassVar[str] = "Devlin et al. 2018, arXiv:1810.04805"
    model_types: ClassVar[tuple[str, ...]] = ("bert", "roberta")
    architectures: ClassVar[dict[str, str]] = {"bert": "BertModel", "roberta": "RobertaModel"}
    can_train: ClassVar[bool] = False
    order: ClassVar[int] = 50

    def card(self, config: dict[str, Any], name: str) -> ModelCard:
        """Shape and pieces; a norm follows attention and feed-forward, there is none at the end."""
        facts = Facts(name, config)
        facts.refuse(("is_decoder", "add_cross_attention"), self.name)
        width, heads = facts.number("width", "hidden_size"), facts.number("heads", "num_attention_heads")
        depth, inner = facts.number("depth", "num_hidden_layers"), facts.number("width", "intermediate_size")
        vocabulary = facts.number("vocabulary", "vocab_size")
        rows = facts.number("positions", "max_position_embeddings", default=512)
        # RoBERTa's positions start behind its padding id, 1, so two rows never stand for a position.
        positions = rows - 2 if config["model_type"] == "roberta" else rows
        pieces = table("embeddings.word_embeddings", vocabulary, width, "embedding")
        pieces += table("embeddings.position_embeddings", rows, width, "position_embedding")
        segments = facts.number("vocabulary", "type_vocab_size", default=2)
        pieces += table("embeddings.token_type_embeddings", segments, width, "segment_embedding")
        pieces += norm("embeddings.LayerNorm", width, "embedding_norm", None, bias=True)
        for block in range(depth):
            pieces += _block(block, width, inner)
        if facts.flag("add_pooling_layer", True):
            pieces += linear("pooler.dense", width, width, "pooler", None, bias=True)
        return ModelCard(
            name=name,
            family=self.name,
            width=width,
            depth=depth,
            heads=heads,
            key_value_heads=heads,
            head_width=facts.divided(width, heads, "attention heads"),
            feed_forward=inner,
            vocabulary=vocabulary,
            positions=positions,
            tied=True,
            pieces=tuple(pieces),
            config=config,
        )


def _block(block: int, width: int, inner: int) -> list[Piece]:
    at = f"encoder.layer.{block}"
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
