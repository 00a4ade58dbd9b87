"""The GPT-NeoX family, to which Pythia belongs: rotary positions, fused query-key-value, untied head."""

from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.models.contract import Family
from workbench.models.facts import Facts, linear, norm, table


class GPTNeoX(Family):
    """Pythia and its kind; the rows of the fused matrix go head by head: query, key, value, next head."""

    name: ClassVar[str] = "gpt_neox"
    title: ClassVar[str] = "GPT-NeoX and Pythia"
    paper: ClassVar[str] = "Biderman et al. 2023, arXiv:2304.01373"
    model_types: ClassVar[tuple[str, ...]] = ("gpt_neox",)
    architectures: ClassVar[dict[str, str]] = {"gpt_neox": "GPTNeoXForCausalLM"}
    order: ClassVar[int] = 30

    def card(self, config: dict[str, Any], name: str) -> ModelCard:
        """Shape and pieces; attention biases are there unless config.json switches them off."""
        facts = Facts(name, config)
        width = facts.number("width", "hidden_size")
        depth = facts.number("depth", "num_hidden_layers")
        heads = facts.number("heads", "num_attention_heads")
        feed_forward = facts.number("width", "intermediate_size")
        vocabulary = facts.number("vocabulary", "vocab_size")
        tied, bias = facts.flag("tie_word_embeddings", False), facts.flag("attention_bias", True)
        pieces = table("gpt_neox.embed_in", vocabulary, width, "embedding")
        for block in range(depth):
            pieces += _block(block, width, feed_forward, bias)
        pieces += norm("gpt_neox.final_layer_norm", width, "final_norm", None, bias=True)
        pieces += [] if tied else table("lm_head", vocabulary, width, "output_head")
        return ModelCard(
            name=name,
            family=self.name,
            width=width,
            depth=depth,
            heads=heads,
            key_value_heads=heads,
            head_width=facts.divided(width, heads, "attention heads"),
            feed_forward=feed_forward,
            vocabulary=vocabulary,
            positions=facts.number("positions", "max_position_embeddings", default=2048),
            tied=tied,
            pieces=tuple(pieces),
            config=config,
        )


def _block(block: int, width: int, feed_forward: int, bias: bool) -> list[Piece]:
    at = f"gpt_neox.layers.{block}"
    return [
        *norm(f"{at}.input_layernorm", width, "attention_norm", block, bias=True),
        *norm(f"{at}.post_attention_layernorm", width, "feed_forward_norm", block, bias=True),
        *linear(f"{at}.attention.query_key_value", 3 * width, width, "attention_fused", block, bias),
        *linear(f"{at}.attention.dense", width, width, "attention_output", block, bias),
        *linear(f"{at}.mlp.dense_h_to_4h", feed_forward, width, "feed_forward_up", block, bias=True),
        *linear(f"{at}.mlp.dense_4h_to_h", width, feed_forward, "feed_forward_down", block, bias=True),
    ]
