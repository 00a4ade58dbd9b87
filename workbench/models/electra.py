"""ELECTRA's generators: small BERTs whose embeddings may be narrower than their blocks."""

from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.models.bert import block_pieces
from workbench.models.contract import Family
from workbench.models.facts import Facts, linear, norm, table


class Electra(Family):
    """ELECTRA's generator, which fills masks; its discriminator tells no tokens and cannot be served."""

    name: ClassVar[str] = "electra"
    title: ClassVar[str] = "ELECTRA (generators)"
    paper: ClassVar[str] = "Clark et al. 2020, arXiv:2003.10555"
    model_types: ClassVar[tuple[str, ...]] = ("electra",)
    architectures: ClassVar[dict[str, str]] = {"electra": "ElectraForMaskedLM"}
    order: ClassVar[int] = 54

    def card(self, config: dict[str, Any], name: str) -> ModelCard:
        """Shape and pieces; the head goes back to the embedding's width."""
        facts = Facts(name, config)
        facts.refuse(("is_decoder", "add_cross_attention"), self.name)
        width, heads = facts.number("width", "hidden_size"), facts.number("heads", "num_attention_heads")
        depth, inner = facts.number("depth", "num_hidden_layers"), facts.number("width", "intermediate_size")
        narrow = facts.number("width", "embedding_size", default=width)
        vocabulary = facts.number("vocabulary", "vocab_size")
        positions = facts.number("positions", "max_position_embeddings", default=512)
        segments = facts.number("vocabulary", "type_vocab_size", default=2)
        at = "electra.embeddings"
        pieces = table(f"{at}.word_embeddings", vocabulary, narrow, "embedding")
        pieces += table(f"{at}.position_embeddings", positions, narrow, "position_embedding")
        pieces += table(f"{at}.token_type_embeddings", segments, narrow, "segment_embedding")
        pieces += norm(f"{at}.LayerNorm", narrow, "embedding_norm", None, bias=True)
        if narrow != width:
            pieces += linear("electra.embeddings_project", width, narrow, "embedding_projection", None, bias=True)
        for block in range(depth):
            pieces += block_pieces(block, f"electra.encoder.layer.{block}", width, inner)
        pieces += norm("generator_predictions.LayerNorm", narrow, "final_norm", None, bias=True)
        pieces += linear("generator_predictions.dense", narrow, width, "head_transform", None, bias=True)
        pieces.append(Piece("generator_lm_head.bias", (vocabulary,), "output_head"))
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
            embedding_width=0 if narrow == width else narrow,
            kind="encoder",
            head="generator_lm_head",
        )
