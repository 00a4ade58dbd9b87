"""ALBERT: an encoder that goes through the same few blocks again and again."""

from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.errors import ModelError
from workbench.models.contract import Family
from workbench.models.facts import Facts, linear, norm, table

EMBEDDING = 128  # width of the embeddings where config.json is silent; the paper's, section 4.4


class Albert(Family):
    """ALBERT with its head for masked tokens; a card's blocks are those that have weights of their own."""

    name: ClassVar[str] = "albert"
    title: ClassVar[str] = "ALBERT"
    paper: ClassVar[str] = "Lan et al. 2019, arXiv:1909.11942"
    model_types: ClassVar[tuple[str, ...]] = ("albert",)
    architectures: ClassVar[dict[str, str]] = {"albert": "AlbertForMaskedLM"}
    order: ClassVar[int] = 56

    def card(self, config: dict[str, Any], name: str) -> ModelCard:
        """Shape and pieces; narrow embeddings are widened once, and the head goes back to their width."""
        facts = Facts(name, config)
        width, heads = facts.number("width", "hidden_size"), facts.number("heads", "num_attention_heads")
        layers, inner = facts.number("depth", "num_hidden_layers"), facts.number("width", "intermediate_size")
        groups = facts.number("depth", "num_hidden_groups", default=1)
        members = facts.number("depth", "inner_group_num", default=1)
        narrow = facts.number("width", "embedding_size", default=EMBEDDING)
        vocabulary = facts.number("vocabulary", "vocab_size")
        positions = facts.number("positions", "max_position_embeddings", default=512)
        if groups > layers:
            allowed = f"the {layers} layers or fewer"
            raise ModelError(f"{name}: num_hidden_groups in config.json is {groups}, but it has to be {allowed}.")
        pieces = _embeddings(facts, vocabulary, positions, narrow)
        pieces += linear(
            "albert.encoder.embedding_hidden_mapping_in", width, narrow, "embedding_projection", None, bias=True
        )
        for block in range(groups * members):
            group, member = divmod(block, members)
            pieces += _block(block, f"albert.encoder.albert_layer_groups.{group}.albert_layers.{member}", width, inner)
        pieces.append(Piece("predictions.bias", (vocabulary,), "output_head"))
        pieces += norm("predictions.LayerNorm", narrow, "final_norm", None, bias=True)
        pieces += linear("predictions.dense", narrow, width, "head_transform", None, bias=True)
        return ModelCard(
            name=name,
            family=self.name,
            width=width,
            depth=groups * members,
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
            head="predictions.decoder",
            takes_prefix=False,
            passes=-(-layers // groups),
        )


def _embeddings(facts: Facts, vocabulary: int, positions: int, narrow: int) -> list[Piece]:
    at = "albert.embeddings"
    segments = facts.number("vocabulary", "type_vocab_size", default=2)
    return [
        *table(f"{at}.word_embeddings", vocabulary, narrow, "embedding"),
        *table(f"{at}.position_embeddings", positions, narrow, "position_embedding"),
        *table(f"{at}.token_type_embeddings", segments, narrow, "segment_embedding"),
        *norm(f"{at}.LayerNorm", narrow, "embedding_norm", None, bias=True),
    ]


def _block(block: int, at: str, width: int, inner: int) -> list[Piece]:
    return [
        *norm(f"{at}.full_layer_layer_norm", width, "feed_forward_norm", block, bias=True),
        *linear(f"{at}.attention.query", width, width, "attention_query", block, bias=True),
        *linear(f"{at}.attention.key", width, width, "attention_key", block, bias=True),
        *linear(f"{at}.attention.value", width, width, "attention_value", block, bias=True),
        *linear(f"{at}.attention.dense", width, width, "attention_output", block, bias=True),
        *norm(f"{at}.attention.LayerNorm", width, "attention_norm", block, bias=True),
        *linear(f"{at}.ffn", inner, width, "feed_forward_up", block, bias=True),
        *linear(f"{at}.ffn_output", width, inner, "feed_forward_down", block, bias=True),
    ]
