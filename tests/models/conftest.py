"""Tiny models of every family that can be trained, saved to a folder as a person would have them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ENCODERS = ("bert", "roberta", "distilbert", "electra", "albert")
_SIZES = {"hidden_size": 16, "num_attention_heads": 2, "num_hidden_layers": 2, "intermediate_size": 24}
_COMMON = {"vocab_size": 32, "max_position_embeddings": 64, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": None}
_GATED = {**_SIZES, **_COMMON, "num_key_value_heads": 1, "head_dim": 8}
TINY: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text"), _GATED),
    "gpt2": {"n_embd": 16, "n_head": 2, "n_layer": 2, "n_positions": 64, "vocab_size": 32, "eos_token_id": 2},
    "bert": {**_SIZES, "vocab_size": 32, "max_position_embeddings": 64},
    "roberta": {**_SIZES, "vocab_size": 32, "max_position_embeddings": 66, "type_vocab_size": 1},
    "distilbert": {"dim": 16, "n_heads": 2, "n_layers": 2, "hidden_dim": 24, "vocab_size": 32},
    "albert": {**_SIZES, "embedding_size": 8, "vocab_size": 32, "max_position_embeddings": 64},
    "electra": {**_SIZES, "embedding_size": 8, "vocab_size": 32, "max_position_embeddings": 64},
    "bart": {
        "d_model": 16,
        **{f"{side}_layers": 2 for side in ("encoder", "decoder")},
        **{f"{side}_attention_heads": 2 for side in ("encoder", "decoder")},
        **{f"{side}_ffn_dim": 24 for side in ("encoder", "decoder")},
        "vocab_size": 32,
        "max_position_embeddings": 64,
    },
    "t5": {"d_model": 16, "d_kv": 8, "d_ff": 24, "num_heads": 2, "num_layers": 2, "vocab_size": 32},
    "gpt_neox": {**_SIZES, **_COMMON},
    "opt": {**_SIZES, **_COMMON, "ffn_dim": 24, "word_embed_proj_dim": 8, "do_layer_norm_before": False},
}


@pytest.fixture
def tiny_config() -> Callable[[str], dict[str, Any]]:
    """The config of a tiny model of this type."""
    return lambda model_type: {"model_type": model_type, **TINY[model_type]}


@pytest.fixture
def save_tiny(tmp_path: Path, write_model: Callable[..., Path]) -> Callable[..., Path]:
    """Save a tiny random model and a word tokenizer; options go to save_pretrained."""

    def save(model_type: str = "llama", **options: Any) -> Path:
        config = {"model_type": model_type, **TINY[model_type]}
        words = "the cat sat <mask>" if model_type in ENCODERS else "the cat sat"
        return write_model(tmp_path / f"tiny-{model_type}", config, words, **options)

    return save
