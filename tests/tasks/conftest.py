"""A tokenizer whose tokens are characters: small enough to count by hand."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest


class CharacterTokenizer:
    """Token = code point; 1 ends a text, and opens it where `begins` says so."""

    eos_token_id: int | None = 1

    def __init__(self, begins: bool = True, ends: bool = True) -> None:
        self.bos_token_id = 1 if begins else None
        self.eos_token_id = 1 if ends else None

    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        assert not add_special_tokens, "the task decides on special tokens"
        return [ord(character) for character in text]

    def decode(self, ids: list[int]) -> str:
        return "".join("<end>" if token == 1 else chr(token) for token in ids)


@pytest.fixture
def tokenizer() -> CharacterTokenizer:
    return CharacterTokenizer()


@pytest.fixture
def bare_tokenizer() -> CharacterTokenizer:
    return CharacterTokenizer(begins=False, ends=False)


@pytest.fixture
def talking() -> Callable[..., Any]:
    """Makes a tokenizer of transformers with a chat template; a token is a character or one of the marks."""

    def make(template: str | None, marks: Sequence[str] = (), **named: str) -> Any:
        from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
        from transformers import PreTrainedTokenizerFast

        characters = ["\n", *map(chr, range(32, 127))]
        inner = Tokenizer(
            models.WordLevel({text: n for n, text in enumerate(["<unk>", *characters])}, unk_token="<unk>")
        )
        inner.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
        inner.decoder = decoders.Fuse()
        inner.add_special_tokens(list(marks))
        return PreTrainedTokenizerFast(
            tokenizer_object=inner,
            unk_token="<unk>",
            **named,
            chat_template=template,
            clean_up_tokenization_spaces=False,
        )

    return make
