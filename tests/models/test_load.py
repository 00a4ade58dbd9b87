"""Loading gives the saved weights back, at rest and really tied; hostile folders are refused in one sentence."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from workbench.errors import ModelError
from workbench.models.load import Base, load_base, random_model
from workbench.models.screen import card_of

STORIES = Path(__file__).parents[3] / "shared" / "real" / "stories260k"
TRAINED = ("llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text", "gpt2", "gpt_neox", "opt")
TRAINED += ("bert", "roberta", "distilbert", "electra", "albert", "t5", "bart")
Save = Callable[..., Path]


def edit(file: Path, **changes: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def refusal(folder: Path | str) -> str:
    with pytest.raises(ModelError) as caught:
        load_base(str(folder))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("model_type", TRAINED)
def test_every_family_loads_what_was_saved(model_type: str, save_tiny: Save, tiny_config: Callable[..., Any]) -> None:
    base = load_base(str(save_tiny(model_type)))
    saved = random_model(tiny_config(model_type), seed=0)
    assert {p.name: p.shape for p in base.card.pieces} == {n: tuple(p.shape) for n, p in base.model.named_parameters()}
    for (name, loaded), (_, expected) in zip(base.model.named_parameters(), saved.named_parameters(), strict=True):
        assert torch.equal(loaded, expected), name
    assert not base.model.training
    assert not any(parameter.requires_grad for parameter in base.model.parameters())
    head, embedding = base.model.get_output_embeddings(), base.model.get_input_embeddings()
    assert (head.weight is embedding.weight) == base.card.tied


@pytest.mark.parametrize("model_type", ["llama", "gpt2"])
def test_sharded_weights_load_like_whole_ones(
    model_type: str, save_tiny: Save, tiny_config: Callable[..., Any]
) -> None:
    folder = save_tiny(model_type, max_shard_size="3KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    base, saved = load_base(str(folder)), random_model(tiny_config(model_type), seed=0)
    ids = torch.tensor([[1, 3, 4, 5]])
    assert torch.equal(base.model(ids).logits, saved(ids).logits)


def test_attention_is_torch_s_and_the_number_format_can_be_chosen(save_tiny: Save) -> None:
    base = load_base(str(save_tiny()), "bfloat16")
    assert base.model.config._attn_implementation == "sdpa"
    assert {parameter.dtype for parameter in base.model.parameters()} == {torch.bfloat16}


def test_an_unknown_number_format_is_refused(save_tiny: Save) -> None:
    with pytest.raises(ModelError, match="'int3' is unknown"):
        load_base(str(save_tiny()), "int3")  # type: ignore[arg-type]


def test_padding_borrows_the_end_token_and_the_vocabulary_stays(save_tiny: Save) -> None:
    tokenizer = load_base(str(save_tiny())).tokenizer
    assert tokenizer.pad_token_id == tokenizer.eos_token_id == 2
    assert len(tokenizer) == 6


def test_start_and_end_come_from_the_config_where_the_tokenizer_is_silent(save_tiny: Save) -> None:
    folder = save_tiny("gpt2")
    (folder / "tokenizer_config.json").write_text('{"model_max_length": 64}')
    assert load_base(str(folder)).tokenizer.eos_token == "</s>"
    (folder / "tokenizer_config.json").write_text('{"bos_token": null, "eos_token": "sat"}')
    tokenizer = load_base(str(folder)).tokenizer
    assert (tokenizer.bos_token, tokenizer.eos_token) == (None, "sat")


def test_a_tokenizer_without_an_end_pads_with_the_unknown_token(save_tiny: Save) -> None:
    folder = save_tiny()
    (folder / "tokenizer_config.json").write_text('{"bos_token": null, "eos_token": null, "unk_token": "<unk>"}')
    assert load_base(str(folder)).tokenizer.pad_token == "<unk>"


def test_random_weights_follow_the_seed_and_leave_torch_s_own_generator_alone(tiny_config: Callable[..., Any]) -> None:
    state = torch.get_rng_state()
    config = tiny_config("llama")
    first, again, other = random_model(config, 1), random_model(card_of(config, "tiny"), 1), random_model(config, 2)
    assert torch.equal(first.model.layers[0].mlp.up_proj.weight, again.model.layers[0].mlp.up_proj.weight)
    assert not torch.equal(first.model.layers[0].mlp.up_proj.weight, other.model.layers[0].mlp.up_proj.weight)
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("use_cache", [True, False])
def test_a_real_model_writes_its_published_text(use_cache: bool) -> None:
    if not STORIES.is_dir():
        pytest.skip(f"{STORIES} is not on this machine")
    base: Base = load_base(str(STORIES))
    ids = torch.tensor([[base.tokenizer.bos_token_id]])
    options: dict[str, Any] = {"do_sample": False, "pad_token_id": base.tokenizer.pad_token_id, "use_cache": use_cache}
    written = base.model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=256, **options)
    assert written.shape == (1, 257)
    text = base.tokenizer.decode(written[0], skip_special_tokens=True)
    assert text.strip() == (STORIES / "run_c_greedy.txt").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("name", ["llama-7b", "bert-base", "t5-v1.1-small", "gpt3-175b"])
def test_a_model_for_counting_only_is_not_loaded(name: str) -> None:
    assert "for counting only" in refusal(name)


def test_a_bare_encoder_in_a_folder_is_not_loaded(tmp_path: Path) -> None:
    sizes = {
        "hidden_size": 16,
        "num_attention_heads": 2,
        "num_hidden_layers": 1,
        "intermediate_size": 8,
        "vocab_size": 9,
    }
    config = {"model_type": "bert", "architectures": ["BertModel"], **sizes}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert "without a head for masked tokens" in refusal(tmp_path)
    with pytest.raises(ModelError, match="without a head for masked tokens"):
        random_model(config, seed=0)


def test_a_t5_with_a_head_of_its_own_keeps_it(save_tiny: Save, tiny_config: Callable[..., Any]) -> None:
    """transformers 5 ties every T5 that it builds, and writes into its config that it is tied."""
    from safetensors.torch import load_file, save_file

    folder = save_tiny("t5")
    weights = load_file(folder / "model.safetensors") | {"lm_head.weight": torch.randn(32, 16)}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    edit(folder / "config.json", tie_word_embeddings=False)
    base = load_base(str(folder))
    assert not base.card.tied
    assert torch.equal(base.model.get_output_embeddings().weight, weights["lm_head.weight"])
    assert torch.equal(base.model.get_input_embeddings().weight, weights["shared.weight"])
    anew = random_model(base.card, seed=0)
    assert not torch.equal(anew.get_output_embeddings().weight, anew.get_input_embeddings().weight)


CONFIG_FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"auto_map": {"AutoModelForCausalLM": "evil.Model"}}, "config.json has auto_map"),
    ({"quantization_config": {"quant_method": "gptq"}}, "config.json has quantization_config"),
    ({"transformers_weights": "../x.safetensors"}, "config.json has transformers_weights"),
    ({"model_type": "mamba"}, "model_type in config.json is 'mamba', but served are llama,"),
    ({"model_type": None}, "model_type in config.json is None"),
    ({"model_type": ["llama"]}, "model_type in config.json is ['llama']"),
    ({"hidden_size": -1}, "hidden_size in config.json is -1"),
    ({"num_hidden_layers": 1000, "hidden_size": 131072, "intermediate_size": 131072}, "GB of memory, but"),
    ({"hidden_act": "nonsense"}, "cannot be loaded"),
    ({"rms_norm_eps": "small"}, "config.json is refused by transformers"),
]


@pytest.mark.parametrize(("changes", "sentence"), CONFIG_FAULTS)
def test_a_config_that_asks_for_trouble_is_refused(changes: dict[str, Any], sentence: str, save_tiny: Save) -> None:
    folder = save_tiny()
    edit(folder / "config.json", **changes)
    assert sentence in refusal(folder)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("[]", "has to hold a JSON object"), ("{", "is not valid JSON"), (" " * 1_000_001, "at most 1,000,000 are read")],
)
def test_a_config_that_is_none_is_refused(content: str, sentence: str, save_tiny: Save) -> None:
    folder = save_tiny()
    (folder / "config.json").write_text(content)
    assert sentence in refusal(folder)
    (folder / "config.json").unlink()
    assert "has no file config.json" in refusal(folder)


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("../outside.safetensors", "is not a plain file name"),
        ("/tmp/outside.safetensors", "is not a plain file name"),
        ("..\\outside.safetensors", "is not a plain file name"),
        ("sub/inside.safetensors", "is not a plain file name"),
        ("absent.safetensors", "has no file absent.safetensors"),
        ("model.bin", "which is not a safetensors file"),
        (7, "which is not a safetensors file"),
    ],
)
def test_an_index_that_leaves_the_folder_is_refused(target: object, sentence: str, save_tiny: Save) -> None:
    folder = save_tiny(max_shard_size="3KB")
    (folder.parent / "outside.safetensors").write_bytes(next(folder.glob("model-*.safetensors")).read_bytes())
    index = folder / "model.safetensors.index.json"
    weight_map = json.loads(index.read_text())["weight_map"]
    edit(index, weight_map={**weight_map, "model.norm.weight": target})
    assert sentence in refusal(folder)


@pytest.mark.parametrize("weight_map", [None, {}, ["model.safetensors"]])
def test_an_index_without_a_map_is_refused(weight_map: object, save_tiny: Save) -> None:
    folder = save_tiny(max_shard_size="3KB")
    edit(folder / "model.safetensors.index.json", weight_map=weight_map)
    assert "has no weight_map" in refusal(folder)


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json", "chat_template.jinja"])
def test_a_link_out_of_the_folder_is_not_followed(file: str, save_tiny: Save) -> None:
    folder = save_tiny()
    outside = folder.parent / "outside"
    outside.write_bytes((folder / file).read_bytes() if (folder / file).exists() else b"text")
    (folder / file).unlink(missing_ok=True)
    (folder / file).symlink_to(outside)
    assert "is a link that leads out of the model's folder" in refusal(folder)


def test_the_links_of_the_hub_s_cache_are_followed(save_tiny: Save) -> None:
    folder = save_tiny()
    snapshot, blobs = folder.parent / "cache" / "snapshots" / "abc", folder.parent / "cache" / "blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    for number, file in enumerate(sorted(folder.iterdir())):
        (blobs / str(number)).write_bytes(file.read_bytes())
        (snapshot / file.name).symlink_to(Path("../../blobs") / str(number))
    assert load_base(str(snapshot)).card.depth == 2


def test_pickled_weights_are_refused_and_left_alone_beside_safetensors(save_tiny: Save) -> None:
    folder = save_tiny()
    (folder / "pytorch_model.bin").write_bytes(b"never opened")
    assert load_base(str(folder)).card.depth == 2
    (folder / "model.safetensors").unlink()
    assert "has pickled weights only, which can run code" in refusal(folder)
    (folder / "pytorch_model.bin").unlink()
    assert "has no model.safetensors" in refusal(folder)


def test_an_adapter_is_not_a_base_model(save_tiny: Save) -> None:
    folder = save_tiny()
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "/etc"}')
    assert "holds an adapter" in refusal(folder)


def header_of(file: Path) -> tuple[dict[str, Any], bytes]:
    content = file.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def write_header(file: Path, header: object, numbers: bytes) -> None:
    text = json.dumps(header).encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text + numbers)


@pytest.mark.parametrize("kept", [0, 4, 8, 100, -1])
def test_a_truncated_file_is_refused(kept: int, save_tiny: Save) -> None:
    file = save_tiny() / "model.safetensors"
    file.write_bytes(file.read_bytes()[:kept])
    message = refusal(file.parent)
    assert "is not a whole safetensors file" in message or "which is not what its header says" in message


@pytest.mark.parametrize(
    "fault",
    [
        {"shape": [10**6, 10**6]},
        {"shape": [-1, -1]},
        {"dtype": "F3"},
        {"data_offsets": [0, 10**15]},
        {"data_offsets": "all"},
        {"shape": None},
    ],
)
def test_a_header_that_lies_is_refused(fault: dict[str, Any], save_tiny: Save) -> None:
    file = save_tiny() / "model.safetensors"
    header, numbers = header_of(file)
    header["model.norm.weight"] = {**header["model.norm.weight"], **fault}
    write_header(file, header, numbers)
    message = refusal(file.parent)
    assert "the header of model.safetensors is damaged" in message


@pytest.mark.parametrize("header", [[], 33, {"a": 1}])
def test_a_header_that_is_none_is_refused(header: object, save_tiny: Save) -> None:
    file = save_tiny() / "model.safetensors"
    write_header(file, header, b"")
    assert "the header of model.safetensors is damaged" in refusal(file.parent)


def test_a_weight_that_is_missing_is_named(save_tiny: Save) -> None:
    file = save_tiny() / "model.safetensors"
    header, numbers = header_of(file)
    header["elsewhere"] = header.pop("model.norm.weight")
    write_header(file, header, numbers)
    assert "lack 1 weights (model.norm.weight)" in refusal(file.parent)


def test_weights_of_another_shape_are_refused(save_tiny: Save) -> None:
    folder = save_tiny()
    edit(folder / "config.json", intermediate_size=12)
    assert "cannot be loaded" in refusal(folder)


def test_what_does_not_fit_into_memory_is_refused(save_tiny: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = save_tiny()
    monkeypatch.setattr("workbench.models.load._available_bytes", lambda: 1000)
    assert "GB of memory, but" in refusal(folder)


TOKENIZER_FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"auto_map": {"AutoTokenizer": ["evil.Tokenizer", None]}}, "tokenizer_config.json has auto_map"),
    ({"tokenizer_class": "evil.module.Tokenizer"}, "which is not one of transformers' own"),
    ({"tokenizer_class": "Evil"}, "which is not one of transformers' own"),
]


@pytest.mark.parametrize(("changes", "sentence"), TOKENIZER_FAULTS)
def test_a_tokenizer_that_brings_code_is_refused(changes: dict[str, Any], sentence: str, save_tiny: Save) -> None:
    folder = save_tiny()
    edit(folder / "tokenizer_config.json", **changes)
    assert sentence in refusal(folder)


def test_a_broken_or_foreign_tokenizer_is_refused(save_tiny: Save) -> None:
    folder = save_tiny()
    file = folder / "tokenizer.json"
    content = json.loads(file.read_text())
    content["model"]["vocab"] |= {f"word{number}": 6 + number for number in range(40)}
    file.write_text(json.dumps(content))
    assert "its tokenizer has 46 entries, but its embedding 32" in refusal(folder)
    file.write_text("{}")
    assert "its tokenizer cannot be read" in refusal(folder)
    file.unlink()
    assert "has no file tokenizer.json" in refusal(folder)


def test_offline_a_catalog_model_that_was_not_fetched_says_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda hub_id, name: None)
    assert "HF_HUB_OFFLINE forbids asking the model hub. Offline, the bundled models" in refusal("pythia-14m")
