"""Cards hold against the models that transformers builds from the same config, on the meta device."""

from typing import Any

import pytest
import torch
import transformers

from workbench.errors import ModelError
from workbench.models import FAMILIES

LLAMA = {
    "hidden_size": 32,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "intermediate_size": 40,
    "vocab_size": 50,
    "max_position_embeddings": 64,
}
GPT2 = {"n_embd": 32, "n_head": 4, "n_layer": 2, "vocab_size": 50, "n_positions": 64}
OPT = {
    "hidden_size": 32,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "ffn_dim": 48,
    "vocab_size": 50,
    "max_position_embeddings": 64,
    "word_embed_proj_dim": 32,
    "pad_token_id": 1,
}
T5 = {"d_model": 32, "d_kv": 8, "d_ff": 48, "num_heads": 4, "num_layers": 2, "vocab_size": 50}
DISTIL = {"dim": 32, "n_heads": 4, "n_layers": 2, "hidden_dim": 48, "vocab_size": 50, "max_position_embeddings": 64}
BART = {
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 3,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 48,
    "vocab_size": 50,
    "max_position_embeddings": 64,
}
GROUPED = {"num_key_value_heads": 2}
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    ("llama", {**LLAMA}),
    ("llama", {**LLAMA, **GROUPED, "tie_word_embeddings": True}),
    ("llama", {**LLAMA, **GROUPED, "attention_bias": True, "mlp_bias": True}),
    ("llama", {**LLAMA, "head_dim": 6, "attention_bias": True}),
    ("mistral", {**LLAMA, **GROUPED}),
    ("mistral", {**LLAMA, **GROUPED, "head_dim": 16, "tie_word_embeddings": True}),
    ("qwen2", {**LLAMA, **GROUPED}),
    ("qwen2", {**LLAMA, **GROUPED, "tie_word_embeddings": True}),
    ("qwen3", {**LLAMA, **GROUPED}),
    ("qwen3", {**LLAMA, **GROUPED, "head_dim": 8, "attention_bias": True, "tie_word_embeddings": True}),
    ("gemma", {**LLAMA, **GROUPED}),
    ("gemma", {**LLAMA, **GROUPED, "head_dim": 8, "attention_bias": True, "tie_word_embeddings": False}),
    ("gemma2", {**LLAMA, **GROUPED, "head_dim": 8}),
    ("gemma3_text", {**LLAMA, **GROUPED, "head_dim": 16}),
    ("gemma3_text", {**LLAMA, **GROUPED, "attention_bias": True, "tie_word_embeddings": False}),
    ("gpt2", {**GPT2}),
    ("gpt2", {**GPT2, "n_inner": 40, "tie_word_embeddings": False}),
    ("gpt_neox", {**LLAMA}),
    ("gpt_neox", {**LLAMA, "attention_bias": False, "tie_word_embeddings": True}),
    ("opt", {**OPT}),
    ("opt", {**OPT, "word_embed_proj_dim": 16, "do_layer_norm_before": False}),
    ("opt", {**OPT, "enable_bias": False, "layer_norm_elementwise_affine": False, "tie_word_embeddings": False}),
    ("opt", {**OPT, "_remove_final_layer_norm": True}),
    ("bert", {**LLAMA}),
    ("roberta", {**LLAMA, "type_vocab_size": 1}),
    ("distilbert", {**DISTIL}),
    ("electra", {**LLAMA, "embedding_size": 16}),
    ("electra", {**LLAMA, "embedding_size": 32}),
    ("albert", {**LLAMA, "embedding_size": 16}),
    ("albert", {**LLAMA, "embedding_size": 32, "num_hidden_layers": 6, "num_hidden_groups": 2, "inner_group_num": 3}),
    ("bart", {**BART}),
    ("t5", {**T5}),
    ("t5", {**T5, "feed_forward_proj": "gated-gelu", "num_decoder_layers": 3}),
]


def family_of(model_type: str) -> Any:
    return next(family() for family in FAMILIES.values() if model_type in family.model_types)


def build(model_type: str, config: dict[str, Any], **options: Any) -> torch.nn.Module:
    architecture = getattr(transformers, family_of(model_type).architectures[model_type])
    with torch.device("meta"):
        return architecture(architecture.config_class(**config), **options)


@pytest.mark.parametrize(("model_type", "config"), VARIANTS)
def test_pieces_are_the_parameters_of_the_built_model(model_type: str, config: dict[str, Any]) -> None:
    card = family_of(model_type).card({"model_type": model_type, **config}, "tiny")
    model = build(model_type, config)
    pieces, built = [(p.name, p.shape) for p in card.pieces], [(n, tuple(p.shape)) for n, p in model.named_parameters()]
    assert pieces == built


def test_every_served_model_type_has_a_variant_here() -> None:
    served = {model_type for family in FAMILIES.values() for model_type in family.model_types}
    assert served == {model_type for model_type, _ in VARIANTS}


@pytest.mark.parametrize(("model_type", "bare"), [("bert", "BertModel"), ("roberta", "RobertaModel")])
@pytest.mark.parametrize("pooler", [True, False])
def test_a_bare_encoder_can_be_counted(model_type: str, bare: str, pooler: bool) -> None:
    config = {"model_type": model_type, **LLAMA, "architectures": [bare], "add_pooling_layer": pooler}
    architecture = getattr(transformers, bare)
    with torch.device("meta"):
        model = architecture(architecture.config_class(**LLAMA), add_pooling_layer=pooler)
    pieces = family_of(model_type).card(config, "tiny").pieces
    assert sorted((p.name, p.shape) for p in pieces) == sorted((n, tuple(p.shape)) for n, p in model.named_parameters())


@pytest.mark.parametrize(("width", "heads", "layers", "millions"), [(768, 12, 12, 12), (1024, 16, 24, 18)])
def test_an_albert_is_as_large_as_its_paper_says(width: int, heads: int, layers: int, millions: int) -> None:
    """Lan et al. 2019, table 1; theirs have a pooler and no head."""
    shape = {"hidden_size": width, "num_attention_heads": heads, "num_hidden_layers": layers}
    card = family_of("albert").card(
        {"model_type": "albert", **shape, "intermediate_size": 4 * width, "vocab_size": 30_000}, "albert"
    )
    head = sum(piece.count for piece in card.pieces if piece.name.startswith("predictions."))
    assert round((card.parameters - head + width * width + width) / 1e6) == millions
    assert (card.depth, card.passes) == (1, layers)


def test_an_albert_with_more_groups_than_layers_is_one_sentence() -> None:
    with pytest.raises(ModelError, match="num_hidden_groups in config.json is 3"):
        family_of("albert").card({"model_type": "albert", **LLAMA, "num_hidden_groups": 3}, "tiny")


def test_an_untied_t5_has_the_head_that_transformers_ties() -> None:
    family = family_of("t5")
    tied = family.card({"model_type": "t5", **T5}, "tiny")
    untied = family.card({"model_type": "t5", **T5, "tie_word_embeddings": False}, "tiny")
    assert untied.parameters - tied.parameters == 50 * 32


@pytest.mark.parametrize(("model_type", "config"), VARIANTS)
def test_the_card_s_sizes_describe_its_matrices(model_type: str, config: dict[str, Any]) -> None:
    card = family_of(model_type).card({"model_type": model_type, **config}, "tiny")
    first = [piece for piece in card.pieces if piece.block == 0]
    by_role = {piece.role: piece for piece in reversed(first) if piece.name.endswith("weight")}
    inner = card.heads * card.head_width
    fused = by_role.get("attention_fused")
    if fused is not None:
        assert card.sizes(fused) == (card.width, 3 * inner)
    else:
        assert card.sizes(by_role["attention_query"]) == (card.width, inner)
        assert card.sizes(by_role["attention_key"]) == (card.width, card.key_value_width)
    assert card.sizes(by_role["attention_output"]) == (inner, card.width)
    assert card.sizes(by_role["feed_forward_down"]) == (card.feed_forward, card.width)
    assert {piece.block for piece in card.pieces} == {None, *range(card.depth)}


@pytest.mark.parametrize(
    ("model_type", "change", "sentence"),
    [
        ("llama", {"hidden_size": "big"}, "hidden_size in config.json is 'big'"),
        ("llama", {"hidden_size": True}, "a whole number from 1"),
        ("llama", {"num_hidden_layers": 10**9}, "a whole number from 1 to 1024"),
        ("llama", {"vocab_size": None}, "config.json does not say vocab_size"),
        ("llama", {"num_attention_heads": 5}, "32 in config.json cannot be divided by its 5 attention heads"),
        ("llama", {"num_key_value_heads": 3}, "4 attention heads cannot share 3 key and value heads"),
        ("llama", {"attention_bias": "yes"}, "it has to be true or false"),
        ("mistral", {}, "config.json does not say num_key_value_heads"),
        ("gemma3_text", {**GROUPED, "use_bidirectional_attention": True}, "which the llama family does not serve"),
    ],
)
def test_a_config_that_makes_no_sense_is_refused(model_type: str, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ModelError) as caught:
        family_of(model_type).card({"model_type": model_type, **LLAMA, **change}, "odd")
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("odd: ")
