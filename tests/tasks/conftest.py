"""A tokenizer whose tokens are characters: small enough to count by hand."""

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
