"""DistilBERT: half of BERT's blocks, which learned from BERT's answers."""

from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.models.contract import Family
from workbench.models.facts import Facts, linear, norm, table


class DistilBert(Family):
    """DistilBERT with its head for masked tokens; it does not tell segments apart."""

    name: ClassVar[str] = "distilbert"
    title: ClassVar[str] = "DistilBERT"
    paper: ClassVar[str] = "Sanh et al. 2019, arXiv:1910.01108"
    model_types: ClassVar[tuple[str, ...]] = ("distilbert",)
    architectures: ClassVar[dict[str, str]] = {"distilbert": "DistilBertForMaskedLM"}
    order: ClassVar[int] = 52

    def card(self, config: dict[str, Any], name: str) -> ModelCard:
        """Shape and pieces; a norm follows attention and feed-forward."""
        facts = Facts(name, config)
        width, heads = facts.number("width", "dim"), facts.number("heads", "n_heads")
        depth, inner = facts.number("depth", "n_layers"), facts.number("width", "hidden_dim")
        vocabulary = facts.number("vocabulary", "vocab_size")
        positions = facts.number("positions", "max_position_embeddings", default=512)
        at = "distilbert.embeddings"
        pieces = table(f"{at}.word_embeddings", vocabulary, width, "embedding")
        pieces += table(f"{at}.position_embeddings", positions, width, "position_embedding")
        pieces += norm(f"{at}.LayerNorm", width, "embedding_norm", None, bias=True)
        for block in range(depth):
            pieces += _block(block, width, inner)
        pieces += linear("vocab_transform", width, width, "head_transform", None, bias=True)
        pieces += norm("vocab_layer_norm", width, "final_norm", None, bias=True)
        pieces.append(Piece("vocab_projector.bias", (vocabulary,), "output_head"))
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
            kind="encoder",
            head="vocab_projector",
            takes_prefix=False,
        )


def _block(block: int, width: int, inner: int) -> list[Piece]:
    at = f"distilbert.transformer.layer.{block}"
    return [
        *linear(f"{at}.attention.q_lin", width, width, "attention_query", block, bias=True),
        *linear(f"{at}.attention.k_lin", width, width, "attention_key", block, bias=True),
        *linear(f"{at}.attention.v_lin", width, width, "attention_value", block, bias=True),
        *linear(f"{at}.attention.out_lin", width, width, "attention_output", block, bias=True),
        *norm(f"{at}.sa_layer_norm", width, "attention_norm", block, bias=True),
        *linear(f"{at}.ffn.lin1", inner, width, "feed_forward_up", block, bias=True),
        *linear(f"{at}.ffn.lin2", width, inner, "feed_forward_down", block, bias=True),
        *norm(f"{at}.output_layer_norm", width, "feed_forward_norm", block, bias=True),
    ]
