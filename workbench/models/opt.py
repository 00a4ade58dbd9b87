"""The OPT family: LayerNorm, learned positions that start at row 2, ReLU; the 350M one is built differently."""

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.models.contract import Family
from workbench.models.facts import Facts, linear, norm, table

POSITION_OFFSET = 2  # rows of the position table before the first position, kept from fairseq's padding


class OPT(Family):
    """OPT; the 350M model's embedding is narrower than its blocks and has no final norm."""

    name: ClassVar[str] = "opt"
    title: ClassVar[str] = "OPT"
    paper: ClassVar[str] = "Zhang et al. 2022, arXiv:2205.01068"
    model_types: ClassVar[tuple[str, ...]] = ("opt",)
    architectures: ClassVar[dict[str, str]] = {"opt": "OPTForCausalLM"}
    order: ClassVar[int] = 40

    def card(self, config: dict[str, Any], name: str) -> ModelCard:
        """Shape and pieces, in the order in which transformers declares them: final norm before the blocks."""
        facts = Facts(name, config)
        width, heads = facts.number("width", "hidden_size"), facts.number("heads", "num_attention_heads")
        embedding = facts.number("width", "word_embed_proj_dim", default=width)
        depth, ffn = facts.number("depth", "num_hidden_layers"), facts.number("width", "ffn_dim")
        vocabulary = facts.number("vocabulary", "vocab_size")
        positions = facts.number("positions", "max_position_embeddings", default=2048)
        tied, options = facts.flag("tie_word_embeddings", True), _Options.read(facts)
        pieces = table("model.decoder.embed_tokens", vocabulary, embedding, "embedding")
        pieces += table("model.decoder.embed_positions", positions + POSITION_OFFSET, width, "position_embedding")
        if embedding != width:
            role = "embedding_projection"
            pieces += linear("model.decoder.project_out", embedding, width, role, None, bias=False)
            pieces += linear("model.decoder.project_in", width, embedding, role, None, bias=False)
        if options.final_norm:
            pieces += options.norm("model.decoder.final_layer_norm", width, "final_norm", None)
        for block in range(depth):
            pieces += _block(block, width, ffn, options)
        pieces += [] if tied else table("lm_head", vocabulary, embedding, "output_head")
        return ModelCard(
            name=name,
            family=self.name,
            width=width,
            depth=depth,
            heads=heads,
            key_value_heads=heads,
            head_width=facts.divided(width, heads, "attention heads"),
            feed_forward=ffn,
            vocabulary=vocabulary,
            positions=positions,
            tied=tied,
            pieces=tuple(pieces),
            config=config,
            embedding_width=0 if embedding == width else embedding,
        )


@dataclass(frozen=True)
class _Options:
    """What config.json switches on or off."""

    bias: bool
    scaled_norms: bool  # norms have a scale and a shift
    final_norm: bool

    @staticmethod
    def read(facts: Facts) -> "_Options":
        before = facts.flag("do_layer_norm_before", True)
        removed = facts.flag("_remove_final_layer_norm", False)
        scaled = facts.flag("layer_norm_elementwise_affine", True)
        return _Options(facts.flag("enable_bias", True), scaled, before and not removed)

    def norm(self, name: str, width: int, role: str, block: int | None) -> list[Piece]:
        return norm(name, width, role, block, bias=True) if self.scaled_norms else []


def _block(block: int, width: int, ffn: int, options: _Options) -> list[Piece]:
    at = f"model.decoder.layers.{block}"
    return [
        *linear(f"{at}.self_attn.k_proj", width, width, "attention_key", block, options.bias),
        *linear(f"{at}.self_attn.v_proj", width, width, "attention_value", block, options.bias),
        *linear(f"{at}.self_attn.q_proj", width, width, "attention_query", block, options.bias),
        *linear(f"{at}.self_attn.out_proj", width, width, "attention_output", block, options.bias),
        *options.norm(f"{at}.self_attn_layer_norm", width, "attention_norm", block),
        *linear(f"{at}.fc1", ffn, width, "feed_forward_up", block, options.bias),
        *linear(f"{at}.fc2", width, ffn, "feed_forward_down", block, options.bias),
        *options.norm(f"{at}.final_layer_norm", width, "feed_forward_norm", block),
    ]
