"""The Llama family: RMSNorm, rotary positions, gated feed-forward; most of today's open models."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from workbench.anatomy import Piece
from workbench.card import ModelCard
from workbench.errors import ModelError
from workbench.models.contract import Family
from workbench.models.facts import Facts, linear, norm, table


@dataclass(frozen=True)
class Dialect:
    """Where one model type departs from Llama; None for a bias: config.json decides."""

    architecture: str
    input_bias: bool | None = None  # of query, key and value
    output_bias: bool | None = None  # of the attention's output
    feed_forward_bias: bool | None = False
    head_width: int = 0  # where config.json is silent; 0: width / heads
    head_norms: bool = False  # queries and keys are normalised head by head
    output_norms: bool = False  # attention and feed-forward are normalised after as well as before
    tied: bool = False  # where config.json is silent
    positions: int = 2048  # where config.json is silent


DIALECTS = {
    "llama": Dialect("LlamaForCausalLM", feed_forward_bias=None),
    "mistral": Dialect("MistralForCausalLM", False, False, positions=131_072),
    "qwen2": Dialect("Qwen2ForCausalLM", True, False, positions=32_768),
    "qwen3": Dialect("Qwen3ForCausalLM", head_width=128, head_norms=True, positions=32_768),
    "gemma": Dialect("GemmaForCausalLM", head_width=256, tied=True, positions=8192),
    "gemma2": Dialect("Gemma2ForCausalLM", head_width=256, output_norms=True, tied=True, positions=8192),
    "gemma3_text": Dialect(
        "Gemma3ForCausalLM", head_width=256, head_norms=True, output_norms=True, tied=True, positions=131_072
    ),
}


class Llama(Family):
    """Llama, Mistral, Qwen 2 and 3, Gemma 1 to 3 (text): one block, with or without biases and extra norms."""

    name: ClassVar[str] = "llama"
    title: ClassVar[str] = "Llama and its relatives"
    paper: ClassVar[str] = "Touvron et al. 2023, arXiv:2302.13971"
    model_types: ClassVar[tuple[str, ...]] = tuple(DIALECTS)
    architectures: ClassVar[dict[str, str]] = {kind: dialect.architecture for kind, dialect in DIALECTS.items()}
    order: ClassVar[int] = 10

    def card(self, config: dict[str, Any], name: str) -> ModelCard:
        """Shape and pieces of any model type in `DIALECTS`."""
        facts = Facts(name, config)
        facts.refuse(("use_bidirectional_attention", "num_local_experts", "num_experts"), self.name)
        dialect = DIALECTS[config["model_type"]]
        width, heads = facts.number("width", "hidden_size"), facts.number("heads", "num_attention_heads")
        head_width = facts.number("width", "head_dim", default=dialect.head_width or -1)
        if head_width < 0:
            head_width = facts.divided(width, heads, "attention heads")
        card = ModelCard(
            name=name,
            family=self.name,
            width=width,
            depth=facts.number("depth", "num_hidden_layers"),
            heads=heads,
            key_value_heads=_key_value_heads(facts, heads),
            head_width=head_width,
            feed_forward=facts.number("width", "intermediate_size"),
            vocabulary=facts.number("vocabulary", "vocab_size"),
            positions=facts.number("positions", "max_position_embeddings", default=dialect.positions),
            tied=facts.flag("tie_word_embeddings", dialect.tied),
            pieces=(),
            config=config,
        )
        return _with_pieces(card, _Biases.read(facts, dialect), dialect)


@dataclass(frozen=True)
class _Biases:
    """Which linear layers of a block have a bias."""

    inputs: bool
    output: bool
    feed_forward: bool

    @staticmethod
    def read(facts: Facts, dialect: Dialect) -> "_Biases":
        def decide(fixed: bool | None, key: str) -> bool:
            return facts.flag(key, False) if fixed is None else fixed

        return _Biases(
            decide(dialect.input_bias, "attention_bias"),
            decide(dialect.output_bias, "attention_bias"),
            decide(dialect.feed_forward_bias, "mlp_bias"),
        )


def _key_value_heads(facts: Facts, heads: int) -> int:
    """Heads of keys and values, each shared by a group of query heads (arXiv:2305.13245)."""
    silent = heads if facts.config["model_type"] == "llama" or "num_key_value_heads" in facts.config else None
    shared = facts.number("heads", "num_key_value_heads", default=silent)
    if heads % shared:
        raise ModelError(f"{facts.name}: {heads} attention heads cannot share {shared} key and value heads evenly.")
    return shared


def _with_pieces(card: ModelCard, biases: _Biases, dialect: Dialect) -> ModelCard:
    pieces = table("model.embed_tokens", card.vocabulary, card.width, "embedding")
    for block in range(card.depth):
        pieces += _attention(card, block, biases, dialect) + _feed_forward(card, block, biases)
        pieces += _norms(card, block, dialect)
    pieces += norm("model.norm", card.width, "final_norm", None, bias=False)
    if not card.tied:
        pieces += table("lm_head", card.vocabulary, card.width, "output_head")
    return replace(card, pieces=tuple(pieces))


def _attention(card: ModelCard, block: int, biases: _Biases, dialect: Dialect) -> list[Piece]:
    at, inner = f"model.layers.{block}.self_attn", card.heads * card.head_width
    shared = card.key_value_width
    pieces = linear(f"{at}.q_proj", inner, card.width, "attention_query", block, biases.inputs)
    pieces += linear(f"{at}.k_proj", shared, card.width, "attention_key", block, biases.inputs)
    pieces += linear(f"{at}.v_proj", shared, card.width, "attention_value", block, biases.inputs)
    pieces += linear(f"{at}.o_proj", card.width, inner, "attention_output", block, biases.output)
    if dialect.head_norms:
        pieces += norm(f"{at}.q_norm", card.head_width, "query_norm", block, bias=False)
        pieces += norm(f"{at}.k_norm", card.head_width, "key_norm", block, bias=False)
    return pieces


def _feed_forward(card: ModelCard, block: int, biases: _Biases) -> list[Piece]:
    at, inner, bias = f"model.layers.{block}.mlp", card.feed_forward, biases.feed_forward
    return [
        *linear(f"{at}.gate_proj", inner, card.width, "feed_forward_gate", block, bias),
        *linear(f"{at}.up_proj", inner, card.width, "feed_forward_up", block, bias),
        *linear(f"{at}.down_proj", card.width, inner, "feed_forward_down", block, bias),
    ]


def _norms(card: ModelCard, block: int, dialect: Dialect) -> list[Piece]:
    """The norms before attention and feed-forward; Gemma 2 and 3 call them differently and add one after each."""
    roles = {"input_layernorm": "attention_norm", "post_attention_layernorm": "feed_forward_norm"}
    if dialect.output_norms:
        roles["post_attention_layernorm"] = "attention_output_norm"
        roles |= {"pre_feedforward_layernorm": "feed_forward_norm"}
        roles |= {"post_feedforward_layernorm": "feed_forward_output_norm"}
    at = f"model.layers.{block}"
    return [piece for key, role in roles.items() for piece in norm(f"{at}.{key}", card.width, role, block, bias=False)]
