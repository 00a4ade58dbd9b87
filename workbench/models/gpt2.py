"""The GPT-2 family: LayerNorm, learned positions, and weights that are stored the other way round."""

from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.models.contract import Family
from workbench.models.facts import Facts, norm, table, transposed_linear


class GPT2(Family):
    """GPT-2 and models of its shape; query, key and value come out of one fused matrix."""

    name: ClassVar[str] = "gpt2"
    title: ClassVar[str] = "GPT-2"
    paper: ClassVar[str] = "Radford et al. 2019, Language Models are Unsupervised Multitask Learners"
    model_types: ClassVar[tuple[str, ...]] = ("gpt2",)
    architectures: ClassVar[dict[str, str]] = {"gpt2": "GPT2LMHeadModel"}
    order: ClassVar[int] = 20

    def card(self, config: dict[str, Any], name: str) -> ModelCard:
        """Shape and pieces; feed-forward is four times the width where config.json is silent."""
        facts = Facts(name, config)
        facts.refuse(("add_cross_attention",), self.name)
        width = facts.number("width", "n_embd", "hidden_size")
        heads = facts.number("heads", "n_head", "num_attention_heads")
        depth = facts.number("depth", "n_layer", "num_hidden_layers")
        feed_forward = facts.number("width", "n_inner", default=4 * width)
        vocabulary = facts.number("vocabulary", "vocab_size")
        positions = facts.number("positions", "n_positions", "max_position_embeddings", default=1024)
        tied = facts.flag("tie_word_embeddings", True)
        pieces = table("transformer.wte", vocabulary, width, "embedding")
        pieces += table("transformer.wpe", positions, width, "position_embedding")
        for block in range(depth):
            pieces += _block(block, width, feed_forward)
        pieces += norm("transformer.ln_f", width, "final_norm", None, bias=True)
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
            positions=positions,
            tied=tied,
            pieces=tuple(pieces),
            config=config,
            transposed=True,
        )


def _block(block: int, width: int, feed_forward: int) -> list[Piece]:
    at = f"transformer.h.{block}"
    return [
        *norm(f"{at}.ln_1", width, "attention_norm", block, bias=True),
        *transposed_linear(f"{at}.attn.c_attn", 3 * width, width, "attention_fused", block),
        *transposed_linear(f"{at}.attn.c_proj", width, width, "attention_output", block),
        *norm(f"{at}.ln_2", width, "feed_forward_norm", block, bias=True),
        *transposed_linear(f"{at}.mlp.c_fc", feed_forward, width, "feed_forward_up", block),
        *transposed_linear(f"{at}.mlp.c_proj", width, feed_forward, "feed_forward_down", block),
    ]
