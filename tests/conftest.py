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
