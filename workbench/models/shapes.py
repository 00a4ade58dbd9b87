"""The shapes of well-known models, as their config files have them: one line a model."""

from typing import Any

Config = dict[str, Any]


def gpt2(width: int, depth: int, heads: int, positions: int = 1024) -> Config:
    """Config of a GPT-2: 50,257 tokens, learned positions, tied."""
    sizes = {"n_embd": width, "n_layer": depth, "n_head": heads, "n_positions": positions, "n_ctx": positions}
    ends = {"bos_token_id": 50256, "eos_token_id": 50256}
    return {"model_type": "gpt2", "vocab_size": 50257, "activation_function": "gelu_new", **sizes, **ends}


def pythia(width: int, depth: int, heads: int) -> Config:
    """Config of a Pythia: 50,304 tokens, a quarter of each head rotated, untied."""
    sizes = {"hidden_size": width, "num_hidden_layers": depth, "num_attention_heads": heads}
    rest = {"intermediate_size": 4 * width, "vocab_size": 50304, "max_position_embeddings": 2048, "rotary_pct": 0.25}
    ends = {"bos_token_id": 0, "eos_token_id": 0, "tie_word_embeddings": False}
    return {"model_type": "gpt_neox", "hidden_act": "gelu", "use_parallel_residual": True, **sizes, **rest, **ends}


def opt(width: int, depth: int, heads: int, **changes: Any) -> Config:
    """Config of an OPT: 50,272 tokens, 2,048 positions, ReLU, tied."""
    sizes = {"hidden_size": width, "num_hidden_layers": depth, "num_attention_heads": heads, "ffn_dim": 4 * width}
    rest = {"vocab_size": 50272, "max_position_embeddings": 2048, "word_embed_proj_dim": width}
    ends = {"bos_token_id": 2, "eos_token_id": 2, "pad_token_id": 1, "tie_word_embeddings": True}
    return {"model_type": "opt", "activation_function": "relu", **sizes, **rest, **ends, **changes}


def gated(
    model_type: str, width: int, depth: int, heads: int, key_value_heads: int, feed_forward: int, **rest: Any
) -> Config:
    """Config of a Llama or one of its relatives."""
    sizes = {"hidden_size": width, "num_hidden_layers": depth, "num_attention_heads": heads}
    more = {"num_key_value_heads": key_value_heads, "intermediate_size": feed_forward}
    return {"model_type": model_type, **sizes, **more, **rest}


def smollm2(width: int, depth: int, heads: int, key_value_heads: int, feed_forward: int, theta: int) -> Config:
    """Config of a SmolLM2: 49,152 tokens, 8,192 positions, tied."""
    rest = {"vocab_size": 49152, "max_position_embeddings": 8192, "rope_theta": theta, "rms_norm_eps": 1e-5}
    ends = {"tie_word_embeddings": True, "bos_token_id": 0, "eos_token_id": 0}
    return gated("llama", width, depth, heads, key_value_heads, feed_forward, hidden_act="silu", **rest, **ends)


def qwen(model_type: str, width: int, depth: int, heads: int, key_value_heads: int, feed_forward: int) -> Config:
    """Config of a small Qwen 2.5 or 3: 151,936 tokens, tied."""
    rest = {"vocab_size": 151936, "max_position_embeddings": 32768, "rope_theta": 1_000_000, "rms_norm_eps": 1e-6}
    ends = {"tie_word_embeddings": True, "bos_token_id": 151643, "eos_token_id": 151643}
    return gated(model_type, width, depth, heads, key_value_heads, feed_forward, hidden_act="silu", **rest, **ends)


def llama(width: int, depth: int, heads: int, feed_forward: int) -> Config:
    """Config of a first-generation Llama: 32,000 tokens, 2,048 positions, untied."""
    rest = {"vocab_size": 32000, "max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "tie_word_embeddings": False}
    return gated("llama", width, depth, heads, heads, feed_forward, hidden_act="silu", **rest)


def llama32(width: int, depth: int, heads: int, head_width: int) -> Config:
    """Config of a Llama 3.2: 128,256 tokens, 8 key and value heads, tied."""
    rest = {"vocab_size": 128256, "max_position_embeddings": 131072, "rope_theta": 500_000, "rms_norm_eps": 1e-5}
    ends = {"head_dim": head_width, "tie_word_embeddings": True, "bos_token_id": 128000, "eos_token_id": 128001}
    return gated("llama", width, depth, heads, 8, 8192, hidden_act="silu", **rest, **ends)


def encoder(model_type: str, width: int, depth: int, heads: int) -> Config:
    """Config of a bare BERT (uncased) or RoBERTa with its pooler, as published counts mean it."""
    sizes = {"hidden_size": width, "num_hidden_layers": depth, "num_attention_heads": heads}
    is_bert = model_type == "bert"
    tables = {"vocab_size": 30522 if is_bert else 50265, "type_vocab_size": 2 if is_bert else 1}
    rest = {"intermediate_size": 4 * width, "max_position_embeddings": 512 if is_bert else 514}
    bare = {"architectures": ["BertModel" if is_bert else "RobertaModel"]}
    return {"model_type": model_type, **sizes, **tables, **rest, **bare}


def t5_v11(width: int, depth: int, heads: int, feed_forward: int) -> Config:
    """Config of a T5 v1.1: gated feed-forward, untied; `depth` blocks on either side."""
    sizes = {"d_model": width, "num_layers": depth, "num_heads": heads, "d_ff": feed_forward, "d_kv": 64}
    rest = {"vocab_size": 32128, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False}
    return {"model_type": "t5", **sizes, **rest}


TINYLLAMA = gated(
    "llama", 2048, 22, 32, 4, 5632, vocab_size=32000, max_position_embeddings=2048, hidden_act="silu",
    rms_norm_eps=1e-5, tie_word_embeddings=False, bos_token_id=1, eos_token_id=2,
)  # fmt: skip
GEMMA3_270M = gated(
    "gemma3_text", 640, 18, 4, 1, 2048, vocab_size=262144, max_position_embeddings=32768, head_dim=256,
    query_pre_attn_scalar=256, sliding_window=512, rms_norm_eps=1e-6, tie_word_embeddings=True,
    bos_token_id=2, eos_token_id=1, pad_token_id=0,
)  # fmt: skip
