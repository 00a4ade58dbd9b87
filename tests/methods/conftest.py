"""Tiny random models of every family, with shared weights as in a race, and a tokenizer of forty words."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import torch
import transformers

from workbench.card import ModelCard
from workbench.models import FAMILIES
from workbench.models.load import builder_of

torch.set_num_threads(1)

WORDS = 40
_LLAMA = {
    "hidden_size": 16,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "intermediate_size": 24,
    "vocab_size": WORDS,
    "max_position_embeddings": 32,
}
_GPT2 = {"n_embd": 16, "n_head": 4, "n_layer": 2, "vocab_size": WORDS, "n_positions": 32}
_OPT = {
    "hidden_size": 16,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "ffn_dim": 24,
    "vocab_size": WORDS,
    "max_position_embeddings": 32,
    "word_embed_proj_dim": 16,
}
_T5 = {
    "d_model": 16,
    "d_kv": 6,
    "d_ff": 24,
    "num_heads": 4,
    "num_layers": 2,
    "vocab_size": WORDS,
    "n_positions": 32,
    "dropout_rate": 0.0,
    "decoder_start_token_id": 0,
}
_DISTIL = {
    "dim": 16,
    "n_heads": 4,
    "n_layers": 2,
    "hidden_dim": 24,
    "vocab_size": WORDS,
    "max_position_embeddings": 32,
}
_BART = {
    "d_model": 16,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 24,
    "decoder_ffn_dim": 24,
    "vocab_size": WORDS,
    "max_position_embeddings": 32,
}
_SPECIAL = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
_QUIET = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("llama", {**_LLAMA, "num_key_value_heads": 2, "tie_word_embeddings": False}),
    "pocket": ("llama", {**_LLAMA, "attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True}),
    "gpt2": ("gpt2", {**_GPT2, **_QUIET}),
    "gpt2-untied": ("gpt2", {**_GPT2, **_QUIET, "tie_word_embeddings": False}),
    "gpt_neox": ("gpt_neox", _LLAMA),
    "gpt_neox-tied": ("gpt_neox", {**_LLAMA, "tie_word_embeddings": True}),
    "opt": ("opt", {**_OPT, "dropout": 0.0}),
    "opt-narrow": ("opt", {**_OPT, "dropout": 0.0, "word_embed_proj_dim": 8, "do_layer_norm_before": False}),
    "opt-untied": ("opt", {**_OPT, "dropout": 0.0, "tie_word_embeddings": False}),
    "qwen3": ("qwen3", {**_LLAMA, "num_key_value_heads": 2, "head_dim": 8}),
    "bert": ("bert", {**_LLAMA, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}),
    "roberta": ("roberta", {**_LLAMA, "type_vocab_size": 1, "hidden_dropout_prob": 0.0}),
    "t5": ("t5", {**_T5, "feed_forward_proj": "gated-gelu"}),
    "t5-relu": ("t5", {**_T5, "num_decoder_layers": 3}),
    "distilbert": ("distilbert", {**_DISTIL, "dropout": 0.0, "attention_dropout": 0.0}),
    "electra": ("electra", {**_LLAMA, "embedding_size": 8, "hidden_dropout_prob": 0.0}),
    "albert": ("albert", {**_LLAMA, "num_hidden_layers": 3, "embedding_size": 8, "hidden_dropout_prob": 0.0}),
    "bart": ("bart", {**_BART, "dropout": 0.0, "decoder_start_token_id": 2}),
    "gemma3": ("gemma3_text", {**_LLAMA, "num_key_value_heads": 2, "head_dim": 8}),
}


class Tiny:
    """A tiny random base model, its card, and copies that share its weights."""

    def __init__(self, name: str) -> None:
        kind, config = MODELS[name]
        config = {**config, **_SPECIAL}
        self.name = name
        self.card = card_of(kind, config, name)
        torch.manual_seed(0)
        with_kind = transformers.CONFIG_MAPPING[kind](**config)
        self.base = builder_of(self.card).from_config(with_kind).eval()
        with torch.no_grad():
            for parameter in self.base.parameters():
                parameter.add_(0.2 * torch.randn_like(parameter))  # biases and norms differ from zero and one

    def shared(self) -> Any:
        """A model of its own modules and parameter objects over the base's storage, as a race makes it."""
        over = {id(p): torch.nn.Parameter(p.detach()) for p in self.base.parameters()}
        return deepcopy(self.base, over)

    def logits(self, ids: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            if self.card.kind == "encoder_decoder":  # it writes the text about the first tokens of it
                return self.base(input_ids=ids[:, :5], decoder_input_ids=ids).logits
            return self.base(input_ids=ids).logits


def card_of(kind: str, config: dict[str, Any], name: str) -> ModelCard:
    family = next(family for family in FAMILIES.values() if kind in family.model_types)
    return family().card({**config, "model_type": kind}, name)


@pytest.fixture(scope="session")
def tiny() -> Callable[[str], Tiny]:
    made: dict[str, Tiny] = {}

    def give(name: str) -> Tiny:
        if name not in made:
            made[name] = Tiny(name)
        return made[name]

    return give


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = {"<pad>": 0, "<bos>": 1, "<eos>": 2, "<unk>": 3} | {f"w{number}": number for number in range(4, WORDS)}
    inner = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", bos_token="<bos>", eos_token="<eos>", unk_token="<unk>"
    )


@pytest.fixture(scope="session")
def ids() -> torch.Tensor:
    return torch.randint(4, WORDS, (3, 7), generator=torch.Generator().manual_seed(1))
