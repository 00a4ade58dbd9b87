"""Model folders small enough to train in a test."""

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

WITHOUT_PACKAGE = "a_machine_without_bitsandbytes"  # what is tested of QLoRA there


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs bitsandbytes where it is not installed; the set-up leaves it out."""
    if find_spec("bitsandbytes") is None:
        skip = pytest.mark.skip(reason="bitsandbytes is not installed")
        for item in items:
            if "qlora" in item.nodeid and WITHOUT_PACKAGE not in item.nodeid:
                item.add_marker(skip)


WriteModel = Callable[..., Path]


@pytest.fixture(scope="session")
def write_model() -> WriteModel:
    """Write a random model of a config and a tokenizer of whole words; options go to save_pretrained."""

    def write(folder: Path, config: dict[str, Any], words: str, **options: Any) -> Path:
        from tokenizers import Tokenizer, models, pre_tokenizers

        from workbench.models.load import random_model

        random_model(config, seed=0).save_pretrained(folder, **options)
        vocabulary = {word: number for number, word in enumerate(f"<unk> <s> </s> {words}".split())}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        tokenizer.save(str(folder / "tokenizer.json"))
        settings = {"bos_token": "<s>", "eos_token": "</s>", "tokenizer_class": "PreTrainedTokenizerFast"}
        (folder / "tokenizer_config.json").write_text(json.dumps(settings))
        return folder

    return write


CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
TALKER = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "vocab_size": 48,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


@pytest.fixture
def write_talker(tmp_path: Path, write_model: WriteModel) -> WriteModel:
    """Write a random model whose tokenizer has a chat template, and a file of chats; returns both paths.

    What ends a turn ends a text too, unless another end token is named; `before` is put before the template.
    """

    def write(template: str = CHATML, end: str = "<|im_end|>", before: str = "") -> tuple[Path, Path]:
        folder = write_model(tmp_path / "talker", TALKER, "system user assistant be kind where is cat dog bird on mat")
        path = folder / "tokenizer_config.json"
        marks = {"eos_token": end, "extra_special_tokens": ["<|im_start|>", "<|im_end|>"]}
        path.write_text(json.dumps({**json.loads(path.read_text()), **marks}))
        (folder / "chat_template.jinja").write_text(before + template)
        turns = [[("system", "be kind"), ("user", f"where is cat {n}"), ("assistant", "on mat")] for n in range(20)]
        rows = [{"messages": [{"role": role, "content": content} for role, content in chat]} for chat in turns]
        (tmp_path / "chats.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        return folder, tmp_path / "chats.jsonl"

    return write  # type: ignore[return-value]
